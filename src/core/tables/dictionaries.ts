import type { Database } from './database.js';
import type { StoredColumn } from './description.js';
import { spellSql } from './spelling.js';
import { cell, literal } from './sql.js';

const COLUMNS_AT_ONCE = 100;

/**
 * Makes an ENUM type `e<i>` of each of the columns, its values ordered by frequency and then by text, so that DuckDB
 * itself turns cells into codes. Returns the values by position; a column without any has no type.
 */
export async function createDictionaries(
  database: Database,
  path: string,
  columns: readonly StoredColumn[],
  positions: readonly number[],
): Promise<Map<number, string[]>> {
  const dictionaries = new Map<number, string[]>(positions.map((position) => [position, []]));
  await database.run('CREATE TEMP TABLE dictionary (position INTEGER, value VARCHAR, frequency BIGINT)');
  for (let start = 0; start < positions.length; start += COLUMNS_AT_ONCE) {
    const counts = positions.slice(start, start + COLUMNS_AT_ONCE).map((position) => {
      const text = spellSql(columns[position]!.storage, cell(position));
      return `SELECT ${position}, ${text} AS value, count(*) FROM ${literal(path)} WHERE ${cell(position)} IS NOT NULL GROUP BY value`;
    });
    await database.run(`INSERT INTO dictionary ${counts.join(' UNION ALL ')}`);
  }
  const order = 'frequency DESC, value';
  for await (const chunk of database.chunks(`SELECT position, value FROM dictionary ORDER BY position, ${order}`)) {
    const [owners, values] = [chunk.getColumnValues(0), chunk.getColumnValues(1)];
    for (const [i, value] of values.entries()) dictionaries.get(Number(owners[i]))!.push(String(value));
  }
  for (const [position, values] of dictionaries) {
    if (values.length === 0) continue;
    await database.run(
      `CREATE TYPE e${position} AS ENUM (SELECT value FROM dictionary WHERE position = ${position} ORDER BY ${order})`,
    );
  }
  return dictionaries;
}
