import {
  collectColumns,
  type Column,
  type ColumnSchema,
  type RunContext,
  type TableSource,
} from '../../../core/plugin-api/index.js';

/** A whole column in memory. */
export type TrainingColumn = Column & { readonly schema: ColumnSchema };

export interface TrainingTable {
  readonly rowCount: number;
  readonly columns: readonly TrainingColumn[];
}

/** Reads every row; columns stay typed arrays, 4 or 8 bytes a cell. */
export async function readTable(source: TableSource, context: RunContext): Promise<TrainingTable> {
  const { rowCount, columns } = await collectColumns(source, Number.MAX_SAFE_INTEGER, context);
  if (rowCount === 0) throw new Error('The table has no rows to learn from');
  return { rowCount, columns: columns.map((column, c) => ({ ...column, schema: source.schema.columns[c]! })) };
}
