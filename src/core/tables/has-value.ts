import { textSql } from './cell-spelling.js';
import { Database } from './database.js';
import { rowsPath, type TableDescription } from './description.js';
import { literal } from './sql.js';

/** Whether any row has this value, as it is spelled, in the column at `position`. */
export async function hasValue(
  directory: string,
  { columns }: TableDescription,
  position: number,
  value: string,
): Promise<boolean> {
  await using database = await Database.open({ directories: [directory], workDirectory: directory, columnCount: 1 });
  const spelled = textSql(columns[position]!, position);
  const rows = await database.rows(
    `SELECT 1 FROM ${literal(rowsPath(directory))} WHERE ${spelled} = ${literal(value)} LIMIT 1`,
  );
  return rows.length > 0;
}
