import { RandomStream } from '../random.js';
import type { RunContext } from '../run-context.js';
import { collectColumns } from '../statistics/collect-columns.js';
import { CODED_KINDS, type Column, isCoded, type TableSchema, type TableSource } from '../tables.js';

/** A table in memory: its columns by position. */
export interface WholeTable {
  readonly schema: TableSchema;
  readonly rowCount: number;
  /** Rows of the source, of which `rowCount` were kept. */
  readonly sourceRowCount: number;
  readonly columns: readonly Column[];
}

/** Reads a source once; of a table with more cells than that, so many rows as fit are drawn by the seed. */
export async function readWholeTable(
  source: TableSource,
  maximumCells: number,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<WholeTable> {
  const { schema } = source;
  const maximumRows = Math.max(1, Math.floor(maximumCells / Math.max(1, schema.columns.length)));
  const { rowCount, rowsSeen, columns } = await collectColumns(source, maximumRows, context);
  return { schema, rowCount, sourceRowCount: rowsSeen, columns: rowsSeen > 0 ? columns : emptyColumns(schema) };
}

function emptyColumns({ columns }: TableSchema): Column[] {
  return columns.map(({ kind }) =>
    CODED_KINDS.has(kind) ? { codes: new Int32Array(0), dictionary: [] } : { values: new Float64Array(0) },
  );
}

/** The column of that name; undefined where there is none. */
export function columnNamed({ schema, columns }: WholeTable, name: string): Column | undefined {
  return columns[schema.columns.findIndex((column) => column.name === name)];
}

/** The named rows of a table, in the order given. */
export function takeTableRows(table: WholeTable, rows: Uint32Array): WholeTable {
  return { ...table, rowCount: rows.length, columns: table.columns.map((column) => takeCells(column, rows)) };
}

function takeCells(column: Column, rows: Uint32Array): Column {
  if (isCoded(column)) return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]!) };
  return { values: Float64Array.from(rows, (row) => column.values[row]!) };
}

/** The control of independent columns: each column shuffled on its own, so that nothing relates to anything. */
export function shuffleColumns(table: WholeTable, seed: number): WholeTable {
  const columns = table.columns.map((column, index): Column => {
    const stream = new RandomStream(seed, `control.independent.${index}`);
    if (isCoded(column)) return { ...column, codes: stream.shuffle(column.codes.slice()) };
    return { values: stream.shuffle(column.values.slice()) };
  });
  return { ...table, columns };
}
