import type { Tensor, TensorLibrary } from '../../../../core/plugin-api/index.js';
import { sum } from './layout.js';

/** `[fields × copies, sum of sizes]`: 1 where a place belongs to a field, in as many rows for each field. */
export function membership(tf: TensorLibrary, sizes: readonly number[], copies = 1): Tensor {
  const places = sum(sizes);
  const ones = new Float32Array(sizes.length * copies * places);
  let place = 0;
  sizes.forEach((size, f) => {
    for (let row = f * copies; row < (f + 1) * copies; row++) {
      ones.fill(1, row * places + place, row * places + place + size);
    }
    place += size;
  });
  return tf.tensor2d(ones, [sizes.length * copies, places]);
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
