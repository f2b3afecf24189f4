import type * as tf from '@tensorflow/tfjs-core';

/** Undoes broadcasting: adds `tensor` up over the axes along which `shape` was repeated. */
export function sumToShape(library: typeof tf, tensor: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const lead = tensor.rank - shape.length;
  const axes = tensor.shape.flatMap((length, i) => (i < lead || (shape[i - lead] === 1 && length !== 1) ? [i] : []));
  if (axes.length === 0) return tensor;
  return library.reshape(library.sum(tensor, axes), [...shape]);
}
