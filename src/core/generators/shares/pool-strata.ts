import { JointTable } from './joint-table.js';

const MOST_ROUNDS = 500;
const TOLERANCE = 1e-7;

/**
 * The joint distribution of several axes from samples of which each was drawn with one value of one axis held (Vardi's
 * estimator for biased samples: "Empirical distributions in selection bias models", 1985). A cell was met by the sample of
 * each of its values, so that rare values are known as well as frequent ones.
 * @param counts of all samples together. @param drawn by axis and value: the rows of the sample that held it.
 * @returns weights that add up to 1.
 */
export function poolStrata(counts: JointTable, drawn: readonly ArrayLike<number>[]): JointTable {
  let weights: readonly Float64Array[] = drawn.map((rows) => Float64Array.from(rows, () => 1 / rows.length));
  let pooled = counts;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    pooled = new JointTable(counts.sizes, counts.cells.slice());
    counts.cells.forEach((count, cell) => {
      const chance = drawn.reduce((sum, rows, axis) => {
        const value = counts.valueOf(cell, axis);
        return sum + rows[value]! / weights[axis]![value]!;
      }, 0);
      if (count > 0) pooled.cells[cell] = count / chance;
    });
    const total = pooled.cells.reduce((sum, weight) => sum + weight, 0);
    pooled.cells.forEach((weight, cell) => (pooled.cells[cell] = weight / total));
    const next = drawn.map((_, axis) => pooled.margin(axis));
    const change = next.flatMap((own, axis) => Array.from(own, (w, value) => Math.abs(w / weights[axis]![value]! - 1)));
    weights = next;
    if (Math.max(...change) < TOLERANCE) break;
  }
  return pooled;
}
