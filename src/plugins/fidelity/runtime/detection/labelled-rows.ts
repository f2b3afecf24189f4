import { drawRows, type Feature, type FeatureTable, stackTables } from '../../../../core/plugin-api/index.js';
import type { LabelColumn, NumberColumn, StoredTable } from '../stored-table.js';

/** Real rows (label 0) and others (label 1), as many of each. */
export interface LabelledRows {
  readonly features: FeatureTable;
  readonly labels: Int32Array;
}

/** At most `limit` rows of each table, drawn by the seed; a column that the other table lacks is all missing there. */
export function labelRows(real: StoredTable, other: StoredTable, limit: number, seed: number): LabelledRows {
  const each = Math.min(real.rowCount, other.rowCount, limit);
  const realRows = drawRows(real.rowCount, each, seed, 'fidelity.detection.real');
  const otherRows = drawRows(other.rowCount, each, seed, 'fidelity.detection.other');
  const names = real.schema.columns.map(({ name }) => name);
  const pairs = names.flatMap((name, index) => {
    const column = real.columns[index]!;
    if (column.role === 'key') return [];
    const counterpart = other.columns[other.schema.columns.findIndex((schema) => schema.name === name)];
    return [
      column.role === 'number'
        ? numberPair(column, counterpart?.role === 'number' ? counterpart : null, realRows, otherRows)
        : labelPair(column, counterpart?.role === 'label' ? counterpart : null, realRows, otherRows),
    ];
  });
  const side = (which: 0 | 1): FeatureTable => ({ rowCount: each, features: pairs.map((pair) => pair[which]) });
  const labels = new Int32Array(2 * each).fill(1, each);
  return { features: stackTables(side(0), side(1)), labels };
}

type Pair = readonly [Feature, Feature];

function numberPair(
  real: NumberColumn,
  other: NumberColumn | null,
  realRows: Uint32Array,
  otherRows: Uint32Array,
): Pair {
  return [takeNumbers(real, realRows), takeNumbers(other, otherRows)];
}

function takeNumbers(column: NumberColumn | null, rows: Uint32Array): Feature {
  return { values: Float64Array.from(rows, (row) => column?.values[row] ?? Number.NaN) };
}

/** Codes of a dictionary that both share: a label that only one of them has gives its rows away. */
function labelPair(real: LabelColumn, other: LabelColumn | null, realRows: Uint32Array, otherRows: Uint32Array): Pair {
  const codes = new Map<string, number>();
  const translate = ({ dictionary }: LabelColumn) =>
    dictionary.map((text) => {
      const code = codes.get(text) ?? codes.size;
      codes.set(text, code);
      return code;
    });
  const tables = [real, other].map((column) => (column === null ? [] : translate(column)));
  const take = (column: LabelColumn | null, table: readonly number[], rows: Uint32Array) => ({
    codes: Int32Array.from(rows, (row) => table[column?.codes[row] ?? -1] ?? -1),
    categoryCount: codes.size,
  });
  return [take(real, tables[0]!, realRows), take(other, tables[1]!, otherRows)];
}
