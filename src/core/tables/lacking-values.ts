import { textSql } from './cell-spelling.js';
import { Database } from './database.js';
import { rowsPath, type TableDescription } from './description.js';
import { literal } from './sql.js';

export interface LackingValue {
  readonly value: string;
  /** What some row has instead, but for case and blanks around. */
  readonly near: string | null;
}

/** Those of the values, as they are spelled, that no row has in the column at `position`. */
export async function lackingValues(
  directory: string,
  { columns }: TableDescription,
  position: number,
  values: readonly string[],
): Promise<LackingValue[]> {
  await using database = await Database.open({ directories: [directory], workDirectory: directory, columnCount: 1 });
  const spelled = textSql(columns[position]!, position);
  const wanted = values.map((value) => bare(literal(value))).join(', ');
  const rows = await database.rows(
    `SELECT DISTINCT ${spelled}, ${bare(spelled)} FROM ${literal(rowsPath(directory))} WHERE ${bare(spelled)} IN (${wanted})`,
  );
  const found = new Set(rows.map(([value]) => value));
  const near = new Map(rows.map(([value, key]) => [key, value as string]));
  return values
    .filter((value) => !found.has(value))
    .map((value) => ({ value, near: near.get(value.trim().toLowerCase()) ?? null }));
}

function bare(text: string): string {
  return `lower(trim(${text}))`;
}
