import type * as tf from '@tensorflow/tfjs-core';
import { elementwiseGradients } from './elementwise.js';
import { layoutGradients } from './layout.js';
import { reductionGradients } from './reduction.js';

/** Registers the gradient of every kernel that has one here. A kernel without throws when it is differentiated. */
export function registerGradients(library: typeof tf): void {
  for (const gradient of [
    ...elementwiseGradients(library),
    ...reductionGradients(library),
    ...layoutGradients(library),
  ]) {
    // The tests of TensorFlow.js's own packages may have been there before.
    if (library.getGradient(gradient.kernelName) === undefined) library.registerGradient(gradient);
  }
}
