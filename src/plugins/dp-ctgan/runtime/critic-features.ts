import type { ColumnShape } from './column-shape.js';
import type { Tensor, TensorLibrary } from './tensors.js';

/**
 * What the critic looks at: one-hot codes of categories, and for the cells of numbers whether the value lies at or above each.
 * Neighbouring cells then look alike, so that "more" and "less" are one weight away, not one for each pair of cells, and less
 * privacy is spent on learning it. Scaled so that a column has a norm of 1 either way.
 */
export function criticFeatures(tf: TensorLibrary, rows: Tensor, columns: readonly ColumnShape[]): Tensor {
  const parts = tf.split(
    rows,
    columns.map(({ codes }) => codes),
    1,
  );
  return tf.concat(
    parts.map((part, c) => {
      const { codes, ordered } = columns[c]!;
      if (ordered < 2) return part;
      return tf.matMul(part as never, tf.tensor2d(thresholds(codes, ordered), [codes, codes]) as never);
    }) as never,
    1,
  );
}

/** Row i: the features of code i. */
function thresholds(codes: number, ordered: number): Float32Array {
  const scale = 1 / Math.sqrt(ordered);
  return Float32Array.from({ length: codes * codes }, (_, k) => {
    const [code, feature] = [Math.floor(k / codes), k % codes];
    if (code >= ordered || feature >= ordered) return code === feature ? 1 : 0;
    return code >= feature ? scale : -scale;
  });
}
