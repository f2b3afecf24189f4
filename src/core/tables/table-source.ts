import type { DuckDBDataChunk } from '@duckdb/node-api';
import {
  CODED_KINDS,
  type Column,
  type ColumnKind,
  type DatasetProfile,
  type TableBatch,
  type TableSchema,
  type TableSource,
} from '../plugin-api/index.js';
import { doublesOf, integersOf } from './chunk-memory.js';
import { Database } from './database.js';
import { rowsPath, type StoredColumn, type TableDescription } from './description.js';
import { createDictionaries } from './dictionaries.js';
import { countSelected, selectRows, type RowSelection } from './row-selection.js';
import { spellSql } from './spelling.js';
import { cell, literal } from './sql.js';

export interface StoredSourceOptions {
  readonly directory: string;
  readonly description: TableDescription;
  readonly schema: TableSchema;
  /** Where the schema's columns lie in the table. */
  readonly positions: readonly number[];
  readonly profile: DatasetProfile | null;
  readonly selection: RowSelection | undefined;
}

/** Reads the learned columns of a stored table from Parquet, a batch at a time. */
export class StoredSource implements TableSource {
  readonly schema: TableSchema;
  readonly profile: DatasetProfile | null;
  readonly #options: StoredSourceOptions;

  constructor(options: StoredSourceOptions) {
    this.#options = options;
    this.schema = options.schema;
    this.profile = options.profile;
  }

  async *batches(batchSize: number): AsyncGenerator<TableBatch> {
    const { directory, description, selection } = this.#options;
    await using database = await Database.open({
      directories: [directory],
      workDirectory: directory,
      columnCount: description.columns.length,
    });
    const selected = selection ? selectRows(description.rowCount, selection) : null;
    const readers = await this.#readers(database, selected);
    const batch = new BatchBuilder(readers, batchSize, selected ? countSelected(selected) : description.rowCount);
    let row = 0;
    for await (const chunk of database.chunks(selectSql(readers, rowsPath(directory)))) {
      const rows = selected ? indicesOf(selected.subarray(row, row + chunk.rowCount)) : null;
      yield* batch.add(chunk, rows);
      row += chunk.rowCount;
    }
    yield* batch.rest();
  }

  async #readers(database: Database, selected: Uint8Array | null): Promise<ColumnReader[]> {
    const { directory, description, positions } = this.#options;
    const path = rowsPath(directory);
    const coded = positions.filter((_, i) => CODED_KINDS.has(this.schema.columns[i]!.kind));
    const dictionaries = await createDictionaries(database, path, description.columns, coded);
    const readers = positions.map((position, i) =>
      columnReader(position, description.columns[position]!, this.schema.columns[i]!.kind, dictionaries.get(position)),
    );
    return selected ? restrict(database, path, readers, selected) : readers;
  }
}

interface NumericReader {
  readonly sql: string;
}

interface CodedReader {
  readonly sql: string;
  readonly dictionary: readonly string[];
  /** From the codes that come to the codes that go out. */
  readonly recode?: Int32Array;
}

type ColumnReader = NumericReader | CodedReader;

function columnReader(
  position: number,
  column: StoredColumn,
  kind: ColumnKind,
  dictionary: string[] | undefined,
): ColumnReader {
  const value = cell(position);
  if (dictionary) {
    const text = spellSql(column.storage, value);
    const code = dictionary.length === 0 ? '-1' : `coalesce(enum_code(CAST(${text} AS e${position}))::INTEGER, -1)`;
    return { sql: `CAST(${code} AS INTEGER)`, dictionary };
  }
  const number = kind === 'datetime' ? `epoch_ms(CAST(${value} AS TIMESTAMP))` : value;
  return { sql: `coalesce(CAST(${number} AS DOUBLE), 'nan'::DOUBLE)` };
}

function selectSql(readers: readonly ColumnReader[], path: string): string {
  return `SELECT ${readers.map(({ sql }) => sql).join(', ')} FROM ${literal(path)}`;
}

/** Dictionaries of the selected rows alone: a value that only other rows have must not show. */
async function restrict(database: Database, path: string, readers: readonly ColumnReader[], selected: Uint8Array) {
  const coded = readers.filter((reader) => 'dictionary' in reader);
  if (coded.length === 0) return [...readers];
  const counts = coded.map(({ dictionary }) => new Float64Array(dictionary.length));
  let row = 0;
  for await (const chunk of database.chunks(selectSql(coded, path))) {
    for (const [c, count] of counts.entries()) {
      const codes = integersOf(chunk, c);
      for (let i = 0; i < codes.length; i++) if (selected[row + i] && codes[i]! >= 0) count[codes[i]!]!++;
    }
    row += chunk.rowCount;
  }
  const restricted = new Map(coded.map((reader, c) => [reader as ColumnReader, recoded(reader, counts[c]!)]));
  return readers.map((reader) => restricted.get(reader) ?? reader);
}

function recoded(reader: CodedReader, counts: Float64Array): CodedReader {
  // The old order settles ties between equal texts' frequencies only among the whole rows; here it must be by text.
  const kept = [...counts.keys()].filter((code) => counts[code]! > 0);
  const encoded = new Map(kept.map((code) => [code, Buffer.from(reader.dictionary[code]!)]));
  kept.sort((a, b) => counts[b]! - counts[a]! || Buffer.compare(encoded.get(a)!, encoded.get(b)!));
  const recode = new Int32Array(counts.length).fill(-1);
  for (const [code, old] of kept.entries()) recode[old] = code;
  return { sql: reader.sql, dictionary: kept.map((code) => reader.dictionary[code]!), recode };
}

function indicesOf(flags: Uint8Array): Int32Array {
  const indices = new Int32Array(flags.length);
  let count = 0;
  for (let i = 0; i < flags.length; i++) if (flags[i]) indices[count++] = i;
  return indices.subarray(0, count);
}

/** Gathers the rows of chunks into batches of the wanted size. */
class BatchBuilder {
  #columns: Column[];
  #capacity: number;
  #filled = 0;
  #left: number;
  readonly #readers: readonly ColumnReader[];
  readonly #batchSize: number;

  constructor(readers: readonly ColumnReader[], batchSize: number, rowCount: number) {
    this.#readers = readers;
    this.#batchSize = batchSize;
    this.#left = rowCount;
    this.#capacity = Math.min(batchSize, rowCount);
    this.#columns = this.#allocate();
  }

  /** @param rows those of the chunk that are wanted; null for all. */
  *add(chunk: DuckDBDataChunk, rows: Int32Array | null): Generator<TableBatch> {
    const total = rows ? rows.length : chunk.rowCount;
    for (let from = 0; from < total;) {
      const to = Math.min(total, from + this.#capacity - this.#filled);
      for (let c = 0; c < this.#readers.length; c++) this.#copy(chunk, c, rows, from, to);
      this.#filled += to - from;
      from = to;
      if (this.#filled === this.#capacity) yield this.#take();
    }
  }

  *rest(): Generator<TableBatch> {
    if (this.#filled > 0) yield this.#take();
  }

  #copy(chunk: DuckDBDataChunk, c: number, rows: Int32Array | null, from: number, to: number): void {
    const column = this.#columns[c]!;
    const coded = 'codes' in column;
    const target: Int32Array | Float64Array = coded ? column.codes : column.values;
    const source = coded ? integersOf(chunk, c) : doublesOf(chunk, c);
    const start = this.#filled;
    if (rows) for (let i = from; i < to; i++) target[start + i - from] = source[rows[i]!]!;
    else target.set(source.subarray(from, to), start);
    const { recode } = this.#readers[c]! as Partial<CodedReader>;
    if (recode) for (let i = start; i < start + to - from; i++) if (target[i]! >= 0) target[i] = recode[target[i]!]!;
  }

  #take(): TableBatch {
    const batch = { rowCount: this.#filled, columns: this.#columns };
    this.#left -= this.#filled;
    this.#capacity = Math.min(this.#batchSize, this.#left);
    this.#filled = 0;
    this.#columns = this.#allocate();
    return batch;
  }

  #allocate(): Column[] {
    return this.#readers.map((reader) =>
      'dictionary' in reader
        ? { codes: new Int32Array(this.#capacity), dictionary: reader.dictionary }
        : { values: new Float64Array(this.#capacity) },
    );
  }
}
