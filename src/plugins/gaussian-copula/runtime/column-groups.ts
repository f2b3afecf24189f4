import {
  cdfOfPieces,
  isCoded,
  type CodedColumn,
  type Column,
  type ColumnMarginal,
} from '../../../core/plugin-api/index.js';

/** A column cut into few groups, as the other side of a correspondence analysis. */
export interface ColumnGroups {
  readonly count: number;
  /** By row; 255 is missing. */
  readonly codes: Uint8Array;
}

export const NO_GROUP = 255;
const NUMERIC_GROUPS = 10;
const MOST_GROUPS = 64;

/** Ten quantile groups of a number; the categories of a coded column, the rarer ones beyond 63 together. */
export function groupColumn(column: Column, marginal: ColumnMarginal, rows: Int32Array): ColumnGroups {
  return isCoded(column) ? groupCategories(column, rows) : groupNumbers(column.values, marginal, rows);
}

function groupNumbers(values: Float64Array, { pieces }: ColumnMarginal, rows: Int32Array): ColumnGroups {
  const codes = Uint8Array.from(rows, (row) => {
    const value = values[row]!;
    if (!Number.isFinite(value)) return NO_GROUP;
    return Math.min(NUMERIC_GROUPS - 1, Math.floor(cdfOfPieces(pieces, value) * NUMERIC_GROUPS));
  });
  return { count: NUMERIC_GROUPS, codes };
}

function groupCategories({ codes, dictionary }: CodedColumn, rows: Int32Array): ColumnGroups {
  const counts = new Float64Array(dictionary.length);
  for (const row of rows) if (codes[row]! >= 0) counts[codes[row]!]!++;
  const byFrequency = [...counts.keys()].toSorted((a, b) => counts[b]! - counts[a]! || a - b);
  const groups = new Uint8Array(dictionary.length);
  byFrequency.forEach((code, rank) => (groups[code] = Math.min(rank, MOST_GROUPS - 1)));
  const count = Math.min(dictionary.length, MOST_GROUPS);
  return { count, codes: Uint8Array.from(rows, (row) => (codes[row]! < 0 ? NO_GROUP : groups[codes[row]!]!)) };
}
