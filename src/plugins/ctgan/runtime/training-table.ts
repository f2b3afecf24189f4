import { isCoded, type ColumnSchema, type RunContext, type TableSource } from '../../../core/plugin-api/index.js';

/** A whole column in memory. Coded: codes into the dictionary, −1 missing. Numbers: NaN missing. */
export type TrainingColumn =
  | { readonly schema: ColumnSchema; readonly codes: Int32Array; readonly dictionary: readonly string[] }
  | { readonly schema: ColumnSchema; readonly values: Float64Array };

export interface TrainingTable {
  readonly rowCount: number;
  readonly columns: readonly TrainingColumn[];
}

const READ_ROWS = 65_536;

/** Reads every row; columns stay typed arrays, 4 or 8 bytes a cell. */
export async function readTable(source: TableSource, context: RunContext): Promise<TrainingTable> {
  const { columns } = source.schema;
  const parts: (Float64Array | Int32Array)[][] = columns.map(() => []);
  let dictionaries: (readonly string[])[] = columns.map(() => []);
  let rowCount = 0;
  for await (const batch of source.batches(READ_ROWS)) {
    batch.columns.forEach((column, c) =>
      parts[c]!.push(isCoded(column) ? column.codes.slice() : column.values.slice()),
    );
    dictionaries = batch.columns.map((column) => (isCoded(column) ? column.dictionary : []));
    rowCount += batch.rowCount;
    await context.tick();
  }
  if (rowCount === 0) throw new Error('The table has no rows to learn from');
  return {
    rowCount,
    columns: columns.map((schema, c) => {
      if (parts[c]![0] instanceof Int32Array) {
        return { schema, codes: joined(parts[c]!, new Int32Array(rowCount)), dictionary: dictionaries[c]! };
      }
      return { schema, values: joined(parts[c]!, new Float64Array(rowCount)) };
    }),
  };
}

function joined<T extends Float64Array | Int32Array>(parts: readonly (Float64Array | Int32Array)[], out: T): T {
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
