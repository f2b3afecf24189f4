import type { Tensor, TensorLibrary } from '../../../../core/plugin-api/index.js';
import { sum } from './layout.js';

/** `[sum of sizes, fields]`: 1 where a place belongs to a field. */
export function membership(tf: TensorLibrary, sizes: readonly number[]): Tensor {
  const places = sum(sizes);
  const ones = new Float32Array(places * sizes.length);
  let place = 0;
  sizes.forEach((size, f) => {
    for (let end = place + size; place < end; place++) ones[place * sizes.length + f] = 1;
  });
  return tf.tensor2d(ones, [places, sizes.length]);
}

/** `[features, hidden units]`: 1 where a feature's field comes before the unit's own, as in MADE (arXiv 1502.03509). */
export function earlierFields(tf: TensorLibrary, sizes: readonly number[], hidden: number): Tensor {
  const units = sizes.length * hidden;
  const ones = new Float32Array(sum(sizes) * units);
  let row = 0;
  sizes.forEach((size, f) => {
    for (let end = row + size; row < end; row++) ones.fill(1, row * units + (f + 1) * hidden, (row + 1) * units);
  });
  return tf.tensor2d(ones, [sum(sizes), units]);
}
