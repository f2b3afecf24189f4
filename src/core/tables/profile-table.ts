import { Database } from './database.js';
import { readDescription, rowsPath, type StoredColumn } from './description.js';
import type { PersonalDataKind } from './personal-data.js';
import type { ColumnKind } from '../plugin-api/index.js';
import { spellSql } from './spelling.js';
import { cell, literal } from './sql.js';

export interface ColumnSummaryProfile {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly missingFraction: number;
  readonly distinctCount: number;
  /** Numbers, or milliseconds since the epoch (UTC): minimum, quartiles, maximum, mean, sample standard deviation. */
  readonly numeric?: NumericSummary;
  /** The most frequent values of at least 10 rows, of categorical and boolean columns. */
  readonly topValues?: readonly { readonly value: string; readonly count: number }[];
  readonly personalData?: PersonalDataKind;
}

export interface NumericSummary {
  readonly minimum: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly maximum: number;
  readonly mean: number;
  /** Null for a single value. */
  readonly standardDeviation: number | null;
}

export interface TableProfile {
  readonly rowCount: number;
  readonly columns: readonly ColumnSummaryProfile[];
  /** Pearson's r over the rows where both are present; null where one does not vary. Of at most 100 numeric columns. */
  readonly correlations: {
    readonly columns: readonly string[];
    readonly values: readonly (readonly (number | null)[])[];
  };
}

const TOP_VALUES = 20;
/** A value of fewer rows could point at somebody. */
const COMMON = 10;
const MOST_CORRELATED = 100;

/** A summary to be shown: no value of a few rows is in it, but for a numeric column's least and greatest. */
export async function profileTable(directory: string, signal?: AbortSignal): Promise<TableProfile> {
  const { columns, rowCount } = await readDescription(directory);
  await using database = await Database.open({
    directories: [directory],
    workDirectory: directory,
    columnCount: columns.length,
    signal,
  });
  const path = rowsPath(directory);
  const summaries: ColumnSummaryProfile[] = [];
  for (const [i, column] of columns.entries()) summaries.push(await summarise(database, path, column, i));
  return { rowCount, columns: summaries, correlations: await correlate(database, path, columns) };
}

async function summarise(database: Database, path: string, column: StoredColumn, i: number) {
  const { name, kind, missingFraction, distinctCount, personalData } = column;
  const facts = { name, kind, missingFraction, distinctCount, ...(personalData && { personalData }) };
  if (distinctCount === 0) return facts;
  if (kind === 'categorical' || kind === 'boolean')
    return { ...facts, topValues: await topValues(database, path, column, i) };
  if (kind === 'identifier' || kind === 'text') return facts;
  return { ...facts, numeric: await numericSummary(database, path, numberSql(column, i)) };
}

async function topValues(database: Database, path: string, column: StoredColumn, i: number) {
  const rows = await database.rows(
    `SELECT ${spellSql(column.storage, cell(i))} AS value, count(*) AS n FROM ${literal(path)} WHERE ${cell(i)} IS NOT NULL
      GROUP BY value HAVING n >= ${COMMON} ORDER BY n DESC, value LIMIT ${TOP_VALUES}`,
  );
  return rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
}

async function numericSummary(database: Database, path: string, number: string): Promise<NumericSummary> {
  const row = await database.row(
    `SELECT quantile_cont(x, [0, 0.25, 0.5, 0.75, 1]), avg(x), stddev_samp(x) FROM (SELECT ${number} AS x FROM ${literal(path)})`,
  );
  const [minimum, lowerQuartile, median, upperQuartile, maximum] = (row[0] as number[]).map(Number);
  return {
    minimum: minimum!,
    lowerQuartile: lowerQuartile!,
    median: median!,
    upperQuartile: upperQuartile!,
    maximum: maximum!,
    mean: Number(row[1]),
    standardDeviation: row[2] === null ? null : Number(row[2]),
  };
}

async function correlate(database: Database, path: string, columns: readonly StoredColumn[]) {
  const positions = columns
    .flatMap(({ kind, distinctCount }, i) =>
      (kind === 'integer' || kind === 'continuous') && distinctCount > 0 ? [i] : [],
    )
    .slice(0, MOST_CORRELATED);
  const values = positions.map(() => positions.map((): number | null => null));
  for (const [a, left] of positions.entries()) {
    const rights = positions.slice(0, a + 1);
    const wanted = rights.map(
      (right) => `corr(${numberSql(columns[left]!, left)}, ${numberSql(columns[right]!, right)})`,
    );
    const row = await database.row(`SELECT ${wanted.join(', ')} FROM ${literal(path)}`);
    for (const [b, r] of row.entries()) {
      const known = r === null || !Number.isFinite(Number(r)) ? null : Number(r);
      values[a]![b] = values[b]![a] = known;
    }
  }
  return { columns: positions.map((i) => columns[i]!.name), values };
}

function numberSql({ storage }: StoredColumn, i: number): string {
  const dated = storage.type === 'date' || storage.type === 'timestamp';
  return `CAST(${dated ? `epoch_ms(CAST(${cell(i)} AS TIMESTAMP))` : cell(i)} AS DOUBLE)`;
}
