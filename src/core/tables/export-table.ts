import { dirname } from 'node:path';
import { jsonSql, textSql } from './cell-spelling.js';
import { Database } from './database.js';
import { decimalCommaOf, readDescription, rowsPath, type TableDescription } from './description.js';
import { cell, identifier, literal } from './sql.js';

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Writes a stored table to a file, with the columns' own names and the cells as they were spelled, in constant memory. */
export async function exportTable(
  directory: string,
  format: ExportFormat,
  destinationPath: string,
  signal?: AbortSignal,
): Promise<void> {
  const description = await readDescription(directory);
  const folder = dirname(destinationPath);
  await using database = await Database.open({
    directories: [directory, folder],
    workDirectory: folder,
    columnCount: description.columns.length,
    signal,
  });
  const select = SELECTS[format](description, `read_parquet(${literal(rowsPath(directory))}, file_row_number = true)`);
  await database.run(`COPY (${select}) TO ${literal(destinationPath)} (${COPY_OPTIONS[format]})`);
}

/** A line of finished text a row: written by the CSV writer with everything that would change it switched off. */
const LINES = `FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\u0001'`;

const COPY_OPTIONS: Readonly<Record<ExportFormat, string>> = {
  csv: LINES,
  json: LINES,
  ndjson: LINES,
  parquet: 'FORMAT parquet',
};

type Select = (description: TableDescription, file: string) => string;

const SELECTS: Readonly<Record<ExportFormat, Select>> = {
  csv: csvLines,
  json: jsonLines,
  ndjson: ndjsonLines,
  parquet: typedRows,
};

/** The header is a row like any other: as column names, `A` and `a` would not both be allowed. */
function csvLines(description: TableDescription, file: string): string {
  const { columns } = description;
  const delimiter = delimiterOf(description);
  const header = columns.map(({ name }) => quoted(name, delimiter)).join(delimiter);
  // A lone missing cell is written as quotes: an empty line would be no row to most readers.
  const missing = columns.length === 1 ? '""' : '';
  const cells = columns.map((column, i) => `coalesce(${quoteSql(textSql(column, i), delimiter)}, ${literal(missing)})`);
  return `SELECT ${literal(header)} UNION ALL SELECT concat_ws(${literal(delimiter)}, ${cells.join(', ')}) FROM ${file}`;
}

/** A comma; where numbers are written with decimal commas, what stood between the cells of their file. */
function delimiterOf({ columns, dialect }: TableDescription): string {
  const hasCommas = columns.some(({ storage }) => decimalCommaOf(storage) !== null);
  return hasCommas && dialect ? dialect.delimiter : ',';
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180: quotes where a delimiter, a quote or a line break stands in the cell. */
function quoteSql(text: string, delimiter: string): string {
  return `CASE WHEN regexp_matches(${text}, '["${delimiter}\\r\\n]') THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END`;
}

function ndjsonLines(description: TableDescription, file: string): string {
  return `SELECT ${objectSql(description)} FROM ${file}`;
}

function jsonLines(description: TableDescription, file: string): string {
  const comma = `CASE WHEN file_row_number = 0 THEN '' ELSE ',' END`;
  return `SELECT '[' UNION ALL SELECT ${comma} || ${objectSql(description)} FROM ${file} UNION ALL SELECT ']'`;
}

function objectSql({ columns }: TableDescription): string {
  const members = columns.map((column, i) => `${literal(`${JSON.stringify(column.name)}:`)} || ${jsonSql(column, i)}`);
  return `'{' || concat_ws(',', ${members.join(', ')}) || '}'`;
}

function typedRows({ columns }: TableDescription, file: string): string {
  return `SELECT ${columns.map(({ name }, i) => `${cell(i)} AS ${identifier(name)}`).join(', ')} FROM ${file}`;
}
