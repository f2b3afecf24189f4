import { isCoded, type Column } from '../../tables.js';
import { locate } from './cells.js';
import { missingCode, NO_CODE, type ColumnCoding } from './column-coding.js';
import { toGrid } from './number-grid.js';

/** Rows as codes, row after row; {@link NO_CODE} where a value has none. */
export interface TableCodes {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly codes: Uint16Array;
}

/** Encodes row by row: what a row becomes depends on that row and on the codings alone. */
export function encodeTable(
  codings: readonly ColumnCoding[],
  columns: readonly Column[],
  rowCount: number,
): TableCodes {
  const codes = new Uint16Array(rowCount * codings.length);
  codings.forEach((coding, c) => {
    const encode = encoderOf(coding, columns[c]!);
    for (let row = 0; row < rowCount; row++) codes[row * codings.length + c] = encode(row);
  });
  return { rowCount, columnCount: codings.length, codes };
}

function encoderOf(coding: ColumnCoding, column: Column): (row: number) => number {
  const missing = missingCode(coding);
  const { values } = coding;
  if ('categories' in values && isCoded(column)) {
    const position = new Map(values.categories.map((name, i) => [name, i]));
    const target = column.dictionary.map((name) => position.get(name) ?? NO_CODE);
    return (row) => (column.codes[row]! < 0 ? missing : target[column.codes[row]!]!);
  }
  if ('cells' in values && !isCoded(column)) {
    const { cells, grid } = values;
    return (row) => {
      const value = column.values[row]!;
      if (Number.isFinite(value)) return locate(cells, toGrid(grid, value));
      return Number.isNaN(value) ? missing : NO_CODE;
    };
  }
  throw new Error(`The column "${coding.name}" does not come as the kind it was fitted as`);
}
