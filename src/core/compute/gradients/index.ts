import type * as tf from '@tensorflow/tfjs-core';
import { elementwiseGradients } from './elementwise.js';
import { layoutGradients } from './layout.js';
import { reductionGradients } from './reduction.js';

/**
 * Registers the gradient of every kernel that has one here, in place of any that TensorFlow.js's umbrella package brought:
 * some of those are wrong for broadcast inputs. A kernel without one throws when it is differentiated.
 */
export function registerGradients(library: typeof tf): void {
  const gradients = [...elementwiseGradients(library), ...reductionGradients(library), ...layoutGradients(library)];
  for (const gradient of gradients) library.registerGradient(gradient);
}
