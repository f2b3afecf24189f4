import type { Tensor, TensorLibrary } from '../../../../core/plugin-api/index.js';

/** Parts of so many columns each. */
export function splitColumns(tf: TensorLibrary, matrix: Tensor, sizes: readonly number[]): Tensor[] {
  if (sizes.length === 1) return [matrix];
  return tf.split(matrix as ReturnType<typeof tf.tensor2d>, [...sizes], 1);
}

/** Parts of so many rows each. */
export function splitRows(tf: TensorLibrary, matrix: Tensor, sizes: readonly number[]): Tensor[] {
  if (sizes.length === 1) return [matrix];
  return tf.split(matrix as ReturnType<typeof tf.tensor2d>, [...sizes], 0);
}

export function joinColumns(tf: TensorLibrary, parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : tf.concat([...parts], 1);
}

/** The first rows of a matrix. */
export function firstRows(tf: TensorLibrary, matrix: Tensor, count: number): Tensor {
  return matrix.shape[0] === count ? matrix : tf.slice(matrix, [0, 0], [count, matrix.shape[1]!]);
}

/** The first columns of a matrix. */
export function firstColumns(tf: TensorLibrary, matrix: Tensor, count: number): Tensor {
  return matrix.shape[1] === count ? matrix : tf.slice(matrix, [0, 0], [matrix.shape[0]!, count]);
}
