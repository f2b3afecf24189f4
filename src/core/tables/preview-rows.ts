import { textSql } from './cell-spelling.js';
import { Database } from './database.js';
import { decimalCommaOf, readDescription, rowsPath, type StoredColumn } from './description.js';
import { spellPlainSql } from './spelling.js';
import { cell, literal } from './sql.js';

export type CellValue = string | number | boolean | null;

/** Rows in their order, from `offset` (0 is the first). Numbers that a double cannot hold, and dates, are text. */
export async function previewRows(directory: string, offset: number, limit: number): Promise<CellValue[][]> {
  const { columns } = await readDescription(directory);
  await using database = await Database.open({
    directories: [directory],
    workDirectory: directory,
    columnCount: columns.length,
  });
  const cells = columns.map((column, i) => previewSql(column, i)).join(', ');
  const rows = await database.rows(
    `SELECT ${cells} FROM ${literal(rowsPath(directory))} LIMIT ${Math.max(0, limit)} OFFSET ${Math.max(0, offset)}`,
  );
  return rows.map((row) => row.map((value, i) => toCellValue(value as string | boolean | null, columns[i]!)));
}

function previewSql(column: StoredColumn, index: number): string {
  if (column.storage.type === 'boolean') return cell(index);
  return decimalCommaOf(column.storage) === null ? textSql(column, index) : spellPlainSql(column.storage, cell(index));
}

function toCellValue(value: string | boolean | null, column: StoredColumn): CellValue {
  if (typeof value !== 'string' || !isNumeric(column)) return value;
  const number = Number(value);
  const exact = column.storage.type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact ? number : value;
}

function isNumeric({ storage: { type } }: StoredColumn): boolean {
  return type === 'integer' || type === 'decimal' || type === 'double';
}
