/**
 * Columns above which those that are asked the same are asked in one expression, over lists of their cells: DuckDB's time
 * to plan a statement grows faster than the number of its expressions. Each cell costs more so.
 */
export const MANY_COLUMNS = 125;

/** Up to here, what a statement costs to plan outweighs the rows that it reads. */
export const FEW_ROWS = 20_000;

/** The cells of some columns as rows `(c, v)`, missing ones too; `c` is the column's place in the list, from 0. */
export function cellsOf(relation: string, columns: readonly string[]): string {
  const lists = `SELECT [${columns.join(', ')}] AS cells FROM ${relation}`;
  return `(SELECT generate_subscripts(cells, 1) - 1 AS c, unnest(cells) AS v FROM (${lists}))`;
}

export interface DerivedColumn {
  readonly name: string;
  /** A column of the relation. */
  readonly source: string;
  /** An SQL expression of a cell of it. */
  readonly of: (cell: string) => string;
}

/** A SELECT of these columns. Of many, those of the same expression must come from sources of the same type. */
export function deriveColumns(relation: string, columns: readonly DerivedColumn[]): string {
  if (columns.length <= MANY_COLUMNS) {
    return `SELECT ${columns.map(({ name, source, of }) => `${of(source)} AS ${name}`).join(', ')} FROM ${relation}`;
  }
  const groups = Map.groupBy(columns, ({ of }) => of('v'));
  const lists: string[] = [];
  const places = new Map<DerivedColumn, string>();
  for (const [expression, members] of groups) {
    const plain = expression === 'v' || members.length === 1;
    for (const [i, column] of members.entries()) {
      places.set(column, plain ? column.of(column.source) : `list${lists.length}[${i + 1}]`);
    }
    if (plain) continue;
    const sources = members.map(({ source }) => source).join(', ');
    lists.push(`list_transform([${sources}], lambda v: ${expression}) AS list${lists.length}`);
  }
  const selected = columns.map((column) => `${places.get(column)!} AS ${column.name}`).join(', ');
  return `SELECT ${selected} FROM (SELECT ${['*', ...lists].join(', ')} FROM ${relation})`;
}
