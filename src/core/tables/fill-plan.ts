import type { ColumnSchema } from '../plugin-api/index.js';
import { type ColumnPlan, possibleKinds } from './column-plan.js';
import type { StoredColumn, TableDescription } from './description.js';
import { TableError } from './table-error.js';

export interface FillColumn {
  /** Where the column stands in the table with gaps. */
  readonly position: number;
  /** As the model learned it. */
  readonly schema: ColumnSchema;
  /** As the table that the model learned from kept it. */
  readonly learned: StoredColumn;
}

/** Which columns of a table a model can read, and fill: all that it learned, in its order. */
export interface FillPlan {
  readonly columns: readonly FillColumn[];
}

/**
 * Finds a model's columns, by name, in another table.
 * @throws TableError `unknown_column` where one is not there, `impossible_kind` where its values are of another kind.
 */
export function planFill(learned: ColumnPlan, table: TableDescription): FillPlan {
  const columns = learned.columns.flatMap(({ schema, role }, i): FillColumn[] => {
    if (role !== 'learned') return [];
    const position = table.columns.findIndex(({ name }) => name === schema.name);
    if (position < 0) {
      const message = `The dataset has no column "${schema.name}", which the model learned`;
      throw new TableError('unknown_column', message, { field: 'dataset_id', column: schema.name });
    }
    const found = table.columns[position]!;
    // A column without a single cell can be anything.
    if (found.distinctCount > 0 && !possibleKinds(found).includes(schema.kind)) {
      const message = `"${schema.name}" holds ${found.storage.type} values, and the model learned it as ${schema.kind}`;
      throw new TableError('impossible_kind', message, { field: 'dataset_id', column: schema.name });
    }
    return [{ position, schema, learned: learned.description.columns[i]! }];
  });
  return { columns };
}

/** Whether any cell is missing that the model could fill. */
export function hasGaps({ columns }: FillPlan, table: TableDescription): boolean {
  return columns.some(({ position }) => table.columns[position]!.nullable);
}
