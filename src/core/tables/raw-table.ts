import { dirname, join } from 'node:path';
import { convert } from './convert/convert.js';
import type { Conversion, ConversionRequest } from './convert/conversion.js';
import { detectDialect } from './csv-dialect.js';
import { Database } from './database.js';
import type { CsvDialect, TableFormat } from './description.js';
import { isMissingSql, MISSING_SPELLINGS } from './missing.js';
import { cell, identifier, literal, literals } from './sql.js';
import { TableError } from './table-error.js';
import { scanText } from './text-scan.js';

/** A file as text cells: an SQL relation with the columns `c0`, `c1`, … where missing is NULL. */
export interface RawTable {
  readonly format: TableFormat;
  readonly dialect?: CsvDialect;
  readonly names: readonly string[];
  readonly relation: string;
}

export interface RawTableRequest {
  readonly path: string;
  readonly filename: string;
  readonly format: TableFormat;
  /** Takes the rewritten file, where one is needed. */
  readonly directory: string;
  readonly maxInflatedBytes: number;
  readonly maxInflationRatio: number;
  readonly signal?: AbortSignal | undefined;
}

/** Longest row that is read: 2 MiB hold 5,000 columns of long text. Larger buffers cost the memory that the Parquet writer needs. */
const MAX_LINE_BYTES = 2 << 20;
const BUFFER_BYTES = 2 * MAX_LINE_BYTES;

export async function openRawTable(request: RawTableRequest): Promise<RawTable> {
  const { format, filename } = request;
  if (format === 'parquet') return openParquet(request);
  if (format === 'csv' || format === 'tsv') return openCsv(request);
  const conversion =
    format === 'xlsx'
      ? await rewrite(request, { kind: 'xlsx' })
      : await rewrite(request, { kind: format, encoding: (await scanChecked(request)).encoding });
  checkNames(conversion.names, conversion.rowCount, filename);
  return { format, names: conversion.names, relation: plainRelation(rewrittenPath(request), conversion.names.length) };
}

/** The rewritten copy of a delimited file that DuckDB's reader did not take, or the reason why nobody can read it. */
export async function reopenCsv(request: RawTableRequest, table: RawTable): Promise<RawTable> {
  const conversion = await rewrite(request, { kind: 'csv', dialect: table.dialect! });
  checkNames(conversion.names, conversion.rowCount, request.filename);
  const relation = plainRelation(rewrittenPath(request), conversion.names.length);
  return { ...table, names: conversion.names, relation };
}

async function openCsv(request: RawTableRequest): Promise<RawTable> {
  const scan = await scanChecked(request);
  const head = await detectDialect(request.path, request.format, scan);
  checkNames(head.names, null, request.filename);
  const { dialect, names } = head;
  const relation = csvRelation(request.path, names.length, dialect.delimiter, true);
  const table: RawTable = { format: request.format, dialect, names, relation };
  return head.plain ? table : reopenCsv(request, table);
}

async function openParquet(request: RawTableRequest): Promise<RawTable> {
  const { directory, signal } = request;
  await using database = await Database.open({
    directories: [dirname(request.path)],
    workDirectory: directory,
    columnCount: 1,
    signal,
  });
  const file = `read_parquet(${literal(request.path)})`;
  let described;
  try {
    described = await database.rows(`DESCRIBE SELECT * FROM ${file}`);
  } catch (error) {
    request.signal?.throwIfAborted();
    throw new TableError('unreadable_file', `${request.filename} is a damaged Parquet file`, {}, { cause: error });
  }
  const names = described.map(([name]) => String(name));
  const [[rowCount]] = (await database.rows(`SELECT count(*) FROM ${file}`)) as [[string]];
  checkNames(names, Number(rowCount), request.filename);
  const cells = described.map(([name, type], i) => {
    if (/\[\]|STRUCT|MAP|UNION|BLOB|BIT/.test(String(type))) {
      const message = `The column "${name}" holds ${type}; only numbers, text, booleans and dates can be read`;
      throw new TableError('unsupported_column_type', message, { column: String(name) });
    }
    const text = `CAST(${identifier(String(name))} AS VARCHAR)`;
    return `CASE WHEN ${isMissingSql(text)} THEN NULL ELSE ${text} END AS ${cell(i)}`;
  });
  return { format: 'parquet', names, relation: `(SELECT ${cells.join(', ')} FROM ${file})` };
}

async function scanChecked(request: RawTableRequest) {
  const scan = await scanText(request.path, request.signal);
  if (scan.binary) {
    throw new TableError(
      'unsupported_format',
      `${request.filename} is named as ${request.format} but holds binary data`,
    );
  }
  return scan;
}

type Particulars =
  { kind: 'csv'; dialect: CsvDialect } | { kind: 'json' | 'ndjson'; encoding: string } | { kind: 'xlsx' };

function rewrite(request: RawTableRequest, particulars: Particulars): Promise<Conversion> {
  const { path, filename, maxInflatedBytes, maxInflationRatio, signal } = request;
  const target = rewrittenPath(request);
  const full = { path, filename, target, maxInflatedBytes, maxInflationRatio, ...particulars } as ConversionRequest;
  return convert(full, signal);
}

export function rewrittenPath(request: RawTableRequest): string {
  return join(request.directory, 'rewritten.csv');
}

function plainRelation(path: string, columnCount: number): string {
  return csvRelation(path, columnCount, ',', false);
}

function csvRelation(path: string, columnCount: number, delimiter: string, header: boolean): string {
  const columns = Array.from({ length: columnCount }, (_, i) => `'${cell(i)}': 'VARCHAR'`).join(', ');
  return `read_csv(${literal(path)}, auto_detect = false, header = ${header}, delim = ${literal(delimiter)}, quote = '"',
    escape = '"', strict_mode = true, max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${BUFFER_BYTES},
    nullstr = [${literals(MISSING_SPELLINGS)}], columns = {${columns}})`;
}

function checkNames(names: readonly string[], rowCount: number | null, filename: string): void {
  if (names.every((name) => name.trim() === '')) {
    throw new TableError('empty_file', `${filename} holds no header`);
  }
  const seen = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (name.trim() === '') throw new TableError('blank_column_name', `Column ${i + 1} of ${filename} has no name`);
    if (seen.has(name)) {
      throw new TableError('duplicate_column_name', `${filename} has two columns named "${name}"`, { column: name });
    }
    seen.add(name);
  }
  if (rowCount === 0) throw noRows(filename);
}

export function noRows(filename: string): TableError {
  return new TableError('no_rows', `${filename} has a header but no rows`);
}
