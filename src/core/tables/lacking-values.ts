import { textSql } from './cell-spelling.js';
import { Database } from './database.js';
import { rowsPath, type TableDescription } from './description.js';
import { literal } from './sql.js';

/** Those of the values, as they are spelled, that no row has in the column at `position`. */
export async function lackingValues(
  directory: string,
  { columns }: TableDescription,
  position: number,
  values: readonly string[],
): Promise<string[]> {
  await using database = await Database.open({ directories: [directory], workDirectory: directory, columnCount: 1 });
  const spelled = textSql(columns[position]!, position);
  const rows = await database.rows(
    `SELECT DISTINCT ${spelled} FROM ${literal(rowsPath(directory))} WHERE ${spelled} IN (${values.map(literal).join(', ')})`,
  );
  const found = new Set(rows.map(([value]) => value));
  return values.filter((value) => !found.has(value));
}
