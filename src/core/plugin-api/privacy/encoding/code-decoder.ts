import type { Column } from '../../tables.js';
import { missingCode, type ColumnCoding } from './column-coding.js';
import { fromGrid, isWhole } from './number-grid.js';

/** Cells of a column from codes; `position(i)` in [0, 1) places row i within its cell. */
export function decodeColumn(
  coding: ColumnCoding,
  codes: ArrayLike<number>,
  position: (row: number) => number,
): Column {
  const missing = missingCode(coding);
  const { values } = coding;
  if ('categories' in values) {
    return {
      codes: Int32Array.from(codes, (code) => (code === missing ? -1 : code)),
      dictionary: values.categories,
    };
  }
  const { cells, grid } = values;
  const whole = isWhole(grid);
  const [low, high] = coding.bounds ?? [-Infinity, Infinity];
  return {
    values: Float64Array.from(codes, (code, row) => {
      if (code === missing) return NaN;
      const [start, end] = [cells.starts[code]!, cells.ends[code]!];
      const number = start + position(row) * (end - start);
      const value = fromGrid(grid, whole ? Math.min(end - 1, Math.floor(number)) : number);
      return Math.min(high, Math.max(low, value));
    }),
  };
}
