import { sizeOfColumn, type TableEncoding } from './table-encoding.js';

/** A column's one-hot part of the data vector. */
export interface Segment {
  readonly column: number;
  readonly offset: number;
  readonly size: number;
  /** Where the column starts in the condition vector; −1 for a column that is no condition. */
  readonly condition: number;
}

/** The data vector: first the scalars of the numeric columns, then their components, then the discrete columns. */
export interface Layout {
  /** Column of each scalar. */
  readonly scalars: readonly number[];
  readonly segments: readonly Segment[];
  /** Length of the data vector. */
  readonly width: number;
  /** Length of the condition vector. */
  readonly conditions: number;
}

export function layoutOf({ columns }: TableEncoding): Layout {
  const indices = [...columns.keys()];
  const numeric = indices.filter((c) => columns[c]!.type === 'numeric');
  const discrete = indices.filter((c) => columns[c]!.type === 'discrete');
  let offset = numeric.length;
  let conditions = 0;
  const segments = [...numeric, ...discrete].map((column): Segment => {
    const size = sizeOfColumn(columns[column]!);
    // A column of one category says nothing as a condition.
    const isCondition = columns[column]!.type === 'discrete' && size > 1;
    const segment = { column, offset, size, condition: isCondition ? conditions : -1 };
    offset += size;
    if (isCondition) conditions += size;
    return segment;
  });
  return { scalars: numeric, segments, width: offset, conditions };
}
