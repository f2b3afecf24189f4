import { uniform, type NoiseSource } from './noise-source.js';

/** The rows of one batch: each of `rowCount` is in it with probability `rate`, on its own. In ascending order, any number of them. */
export function poissonSample(source: NoiseSource, rowCount: number, rate: number): number[] {
  if (rate >= 1) return Array.from({ length: rowCount }, (_, row) => row);
  const rows: number[] = [];
  // The gaps between members are geometric.
  const scale = 1 / Math.log1p(-rate);
  for (let row = -1; ;) {
    row += 1 + Math.floor(Math.log(uniform(source)) * scale);
    if (row >= rowCount) return rows;
    rows.push(row);
  }
}
