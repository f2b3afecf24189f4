import type { Database } from './database.js';
import type { ColumnStorage } from './description.js';
import { cellsOf, FEW_ROWS } from './many-columns.js';
import { sqlType } from './spelling.js';
import { cell, literal } from './sql.js';

/** Facts of a column of stored rows, all exact. */
export interface StoredFacts {
  readonly present: number;
  readonly distinct: number;
  /** Numbers, or milliseconds since the epoch (UTC) of dates. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** The same as they are kept, digit for digit; of integers only. */
  readonly exact?: readonly [string, string];
  readonly decimalPlaces?: number;
  /** Characters; of text only. */
  readonly meanLength?: number;
}

const FACTS = 6;
/** Each distinct count holds some megabytes for each thread, whatever the rows. */
const COLUMNS_AT_ONCE = 24;

/** Facts of the columns `c0`, `c1`, … of the rows in a Parquet file. */
export async function readFacts(
  database: Database,
  path: string,
  storages: readonly ColumnStorage[],
  rowCount: number,
): Promise<StoredFacts[]> {
  return rowCount > FEW_ROWS ? readByColumns(database, path, storages) : readByTypes(database, path, storages);
}

async function readByColumns(database: Database, path: string, storages: readonly ColumnStorage[]) {
  const facts: StoredFacts[] = [];
  for (let start = 0; start < storages.length; start += COLUMNS_AT_ONCE) {
    const part = storages.slice(start, start + COLUMNS_AT_ONCE);
    const wanted = part.flatMap((storage, i) => factsSql(storage, cell(start + i)));
    const row = await database.row(`SELECT ${wanted.join(', ')} FROM ${literal(path)}`);
    for (const [i, storage] of part.entries()) facts.push(toFacts(storage, row.slice(i * FACTS, (i + 1) * FACTS)));
  }
  return facts;
}

async function readByTypes(database: Database, path: string, storages: readonly ColumnStorage[]) {
  const facts: StoredFacts[] = [];
  for (const indices of Map.groupBy(storages.keys(), (i) => sqlType(storages[i]!)).values()) {
    const wanted = factsSql(storages[indices[0]!]!, 'v').join(', ');
    const cells = cellsOf(literal(path), indices.map(cell));
    const rows = await database.rows(`SELECT ${wanted} FROM ${cells} GROUP BY c ORDER BY c`);
    for (const [k, i] of indices.entries()) facts[i] = toFacts(storages[i]!, rows[k]!);
  }
  return facts;
}

function factsSql(storage: ColumnStorage, column: string): string[] {
  const common = [`count(${column})`, `count(DISTINCT ${column})`];
  switch (storage.type) {
    case 'text':
      return [...common, 'NULL', 'NULL', 'NULL', `avg(length(${column}))`];
    case 'boolean':
      return [...common, 'NULL', 'NULL', 'NULL', 'NULL'];
    case 'date':
    case 'timestamp':
      return [...common, `epoch_ms(min(${column})::TIMESTAMP)`, `epoch_ms(max(${column})::TIMESTAMP)`, 'NULL', 'NULL'];
    case 'double':
      return [...common, `min(${column})`, `max(${column})`, `max(${placesSql(column)})`, 'NULL'];
    default:
      return [...common, `min(${column})::VARCHAR`, `max(${column})::VARCHAR`, 'NULL', 'NULL'];
  }
}

/** Decimal places of a double as it is spelled: 1e-07 has seven, 2.0 has none. */
function placesSql(column: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  const mantissa = `split_part(${text}, 'e', 1)`;
  const digits = `CASE WHEN ends_with(${mantissa}, '.0') THEN 0 ELSE length(split_part(${mantissa}, '.', 2)) END`;
  return `greatest(0, CASE WHEN contains(${text}, 'e') THEN ${digits} - TRY_CAST(split_part(${text}, 'e', 2) AS INTEGER) ELSE ${digits} END)`;
}

function toFacts(storage: ColumnStorage, row: readonly unknown[]): StoredFacts {
  const [present, distinct, minimum, maximum, places, meanLength] = row;
  const decimalPlaces = storage.type === 'decimal' ? storage.places : storage.type === 'integer' ? 0 : places;
  return {
    present: Number(present),
    distinct: Number(distinct),
    ...(minimum !== null && { minimum: Number(minimum), maximum: Number(maximum) }),
    ...(storage.type === 'integer' && minimum !== null && { exact: [String(minimum), String(maximum)] as const }),
    ...(decimalPlaces !== null && { decimalPlaces: Number(decimalPlaces) }),
    ...(meanLength !== null && { meanLength: Number(meanLength) }),
  };
}
