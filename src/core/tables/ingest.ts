import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Database } from './database.js';
import { decideStorage, type DecidedColumn } from './decide-storage.js';
import { describeColumns } from './describe-columns.js';
import { rowsPath, type TableDescription, writeDescription } from './description.js';
import { detectFormat } from './file-format.js';
import { cellsOf, deriveColumns, type DerivedColumn, FEW_ROWS } from './many-columns.js';
import { isMissingSql } from './missing.js';
import { noRows, openRawTable, type RawTable, type RawTableRequest, reopenCsv, rewrittenPath } from './raw-table.js';
import { parseSql } from './spelling.js';
import { cell, literal, spelledCell } from './sql.js';
import { TableError } from './table-error.js';
import { readCell } from './try-readings.js';

export interface IngestLimits {
  /** Of an XLSX file, unpacked. Default 2 GiB. */
  readonly maxInflatedBytes?: number;
  /** Of any large part of an XLSX file. Default 200. */
  readonly maxInflationRatio?: number;
  /** For DuckDB; what does not fit goes to disk. Default 128. */
  readonly memoryLimitMegabytes?: number;
}

export interface IngestRequest {
  readonly path: string;
  /** As its owner calls it: the extension must fit the content, and messages name it. */
  readonly filename: string;
  /** Takes `table.parquet` and `table.json`. Must exist. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  readonly limits?: IngestLimits;
}

/** Reads a file of any format into a stored table, in memory that does not grow with the file. Throws {@link TableError}. */
export async function ingestTable(request: IngestRequest): Promise<TableDescription> {
  const { path, filename, directory, signal, limits = {} } = request;
  const format = await detectFormat(path, filename);
  const { maxInflatedBytes = 2 ** 31, maxInflationRatio = 200 } = limits;
  const raw: RawTableRequest = { path, filename, format, directory, maxInflatedBytes, maxInflationRatio, signal };
  try {
    const table = await openRawTable(raw);
    await using database = await Database.open({
      directories: [dirname(path), directory],
      workDirectory: directory,
      columnCount: table.names.length,
      memoryLimitMegabytes: limits.memoryLimitMegabytes ?? 128,
      signal,
    });
    const stored = await storeRows(database, table, raw);
    const description: TableDescription = {
      version: 1,
      format,
      ...(table.dialect && { dialect: table.dialect }),
      rowCount: stored.rowCount,
      columns: await describeColumns(database, rowsPath(directory), table.names, stored.rowCount, stored.columns),
    };
    await writeDescription(directory, description);
    return description;
  } finally {
    await rm(rewrittenPath(raw), { force: true });
  }
}

interface StoredRows {
  readonly rowCount: number;
  readonly columns: readonly DecidedColumn[];
}

/** DuckDB's reader is quick but neither patient nor exact about what is wrong: what it refuses is read again by ours. */
async function storeRows(database: Database, table: RawTable, request: RawTableRequest): Promise<StoredRows> {
  if (table.dialect === undefined) return storeRelation(database, table, request);
  try {
    return await storeRelation(database, table, request);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof TableError || !/CSV|UTF-?8|unicode|sniff/i.test(String(error))) throw error;
    return storeRewritten(database, await reopenCsv(request, table), request);
  }
}

async function storeRewritten(database: Database, table: RawTable, request: RawTableRequest): Promise<StoredRows> {
  try {
    return await storeRelation(database, table, request);
  } catch (error) {
    if (!/maximum line size/i.test(String(error))) throw error;
    throw new TableError('too_large', `${request.filename} has a row of more than 2 MiB`, {}, { cause: error });
  }
}

async function storeRelation(database: Database, table: RawTable, request: RawTableRequest): Promise<StoredRows> {
  const { relation, names, dialect } = table;
  const decimalCommas = dialect !== undefined && dialect.delimiter !== ',';
  const columns = await decideStorage(database, relation, names.length, decimalCommas);
  const path = rowsPath(request.directory);
  const rowCount = await writeRows(database, relation, columns, path);
  if (rowCount === 0) throw noRows(request.filename);
  const padded = await paddedColumns(database, { rowCount, columns }, path);
  if (padded.size === 0) return { rowCount, columns };
  const mended = columns.map((column, i) => (padded.has(i) ? { ...column, paddedMissing: true } : column));
  await writeRows(database, relation, mended, path);
  return { rowCount, columns: mended };
}

async function writeRows(
  database: Database,
  relation: string,
  columns: readonly DecidedColumn[],
  path: string,
): Promise<number> {
  const cells = columns.flatMap((column, index): DerivedColumn[] => {
    const { storage, keepsSpelling } = column;
    const text = (raw: string) => readCell(column, raw);
    const source = cell(index);
    const value = { name: cell(index), source, of: (raw: string) => parseSql(storage, text(raw)) };
    return keepsSpelling ? [value, { name: spelledCell(index), source, of: text }] : [value];
  });
  return database.writeParquet(deriveColumns(relation, cells), path, cells.length);
}

/** Text columns with a missing cell that has blanks around it: cheap to find among stored rows, dear in the file. */
async function paddedColumns(
  database: Database,
  { columns, rowCount }: StoredRows,
  path: string,
): Promise<Set<number>> {
  const texts = columns.flatMap((column, i) => (column.storage.type === 'text' && !column.paddedMissing ? [i] : []));
  if (texts.length === 0) return new Set();
  if (rowCount <= FEW_ROWS) {
    const cells = cellsOf(literal(path), texts.map(cell));
    const found = await database.rows(`SELECT DISTINCT c FROM ${cells} WHERE ${isMissingSql('v')}`);
    return new Set(found.map(([c]) => texts[Number(c)]!));
  }
  const padded = new Set<number>();
  for (let start = 0; start < texts.length; start += 500) {
    const part = texts.slice(start, start + 500);
    const found = await database.row(
      `SELECT ${part.map((i) => `count(*) FILTER (${isMissingSql(cell(i))})`).join(', ')} FROM ${literal(path)}`,
    );
    for (const [k, count] of found.entries()) if (Number(count) > 0) padded.add(part[k]!);
  }
  return padded;
}
