import {
  type Column,
  type ColumnKind,
  isCoded,
  type TableSchema,
  type WholeTable,
} from '../../../core/plugin-api/index.js';

/** Numbers and dates; NaN is missing. */
export interface NumberColumn {
  readonly role: 'number';
  readonly values: Float64Array;
}

/** Labels (categories, booleans) and keys (identifiers, text): codes into a dictionary, −1 is missing. */
export interface LabelColumn {
  readonly role: 'label' | 'key';
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type StoredColumn = NumberColumn | LabelColumn;

/** A table in memory, column by column, in typed arrays. */
export interface StoredTable {
  readonly schema: TableSchema;
  readonly rowCount: number;
  /** Rows of the source, of which `rowCount` were kept. */
  readonly sourceRowCount: number;
  readonly columns: readonly StoredColumn[];
}

const BOOLEAN_DICTIONARY = ['false', 'true'];

/** The columns by what they are compared as. Shares the cells of those that are so already. */
export function storeTable(table: WholeTable): StoredTable {
  const columns = table.columns.map((column, index) => storeColumn(column, table.schema.columns[index]!.kind));
  return { ...table, columns };
}

function storeColumn(column: Column, kind: ColumnKind): StoredColumn {
  if (isCoded(column)) return { ...column, role: kind === 'identifier' || kind === 'text' ? 'key' : 'label' };
  const { values } = column;
  if (kind === 'boolean') {
    return { role: 'label', codes: Int32Array.from(values, booleanCode), dictionary: BOOLEAN_DICTIONARY };
  }
  return { role: 'number', values: values.every(isPlaced) ? values : values.map(finiteOrMissing) };
}

/** An infinite number has no place on an axis: it counts as missing. */
const finiteOrMissing = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);
const isPlaced = (value: number): boolean => Number.isFinite(value) || Number.isNaN(value);
const booleanCode = (value: number): number => (value === 0 ? 0 : value === 1 ? 1 : -1);
