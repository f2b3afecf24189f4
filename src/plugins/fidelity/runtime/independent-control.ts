import { RandomStream } from '../../../core/plugin-api/index.js';
import type { StoredColumn, StoredTable } from './stored-table.js';

/** The real rows with each column permuted on its own: every single column is perfect, and nothing relates to anything. */
export function permuteColumns(table: StoredTable, seed: number): StoredTable {
  return { ...table, columns: table.columns.map((column, index) => permute(column, seed, index)) };
}

function permute(column: StoredColumn, seed: number, index: number): StoredColumn {
  const stream = new RandomStream(seed, `fidelity.independent.${index}`);
  if (column.role === 'number') return { ...column, values: stream.shuffle(column.values.slice()) };
  return { ...column, codes: stream.shuffle(column.codes.slice()) };
}
