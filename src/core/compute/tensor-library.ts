import type * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from './gradients/index.js';

let loading: Promise<typeof tf> | null = null;

/**
 * TensorFlow.js's core, loaded once in a process and only when asked for. It registers no gradients by itself; the
 * umbrella package does, but is ten times the size, so the gradients are this project's own.
 */
export function loadTensorLibrary(): Promise<typeof tf> {
  loading ??= import('@tensorflow/tfjs-core').then((library) => {
    // Without its debugging checks, and without its advice to install another backend.
    library.enableProdMode();
    registerGradients(library);
    return library;
  });
  return loading;
}
