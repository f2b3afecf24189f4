import { mkdir } from 'node:fs/promises';
import { type DuckDBAppender, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import { type Column, isCoded, type TableBatch } from '../plugin-api/index.js';
import { fillColumn, fillText } from './chunk-memory.js';
import { type ColumnPlan, learnedPositions } from './column-plan.js';
import { Database } from './database.js';
import { columnFacts } from './describe-columns.js';
import { rowsPath, type StoredColumn, type TableDescription, writeDescription } from './description.js';
import { FilledColumn } from './fresh/filled-column.js';
import { CodeTable, storedSql } from './generated-cells.js';
import { cell } from './sql.js';
import { readFacts } from './stored-facts.js';
import { TableError } from './table-error.js';

export interface TableWriterOptions {
  /** Takes `table.parquet` and `table.json`; made when it is not there. */
  readonly directory: string;
  readonly plan: ColumnPlan;
  /** Of the real table: the new one gets the same columns, kept and spelled in the same way. */
  readonly description: TableDescription;
  readonly seed: number;
}

export interface TableWriter extends AsyncDisposable {
  /** Rows of the learned columns, in the plan's order; one dictionary for each column throughout. */
  append(batch: TableBatch): Promise<void>;
  finish(): Promise<TableDescription>;
}

/** Rows in a DuckDB vector. */
const VECTOR = 2048;

export async function createTableWriter(options: TableWriterOptions): Promise<TableWriter> {
  await mkdir(options.directory, { recursive: true });
  const { directory } = options;
  const database = await Database.open({
    directories: [directory],
    workDirectory: directory,
    columnCount: options.description.columns.length,
    memoryLimitMegabytes: 512,
  });
  return new StagedTableWriter(options, database);
}

/** Rows wait in a table of DuckDB's (on disk where memory ends) until all are there, and then become Parquet. */
class StagedTableWriter implements TableWriter {
  readonly #options: TableWriterOptions;
  readonly #database: Database;
  readonly #learned: readonly number[];
  readonly #filled: readonly FilledColumn[];
  #appender: DuckDBAppender | null = null;
  #types: DuckDBType[] = [];
  #dictionaries: (CodeTable | null)[] = [];
  #rowCount = 0;

  constructor(options: TableWriterOptions, database: Database) {
    this.#options = options;
    this.#database = database;
    this.#learned = learnedPositions(options.plan);
    this.#filled = options.plan.columns.flatMap(({ role }, position) =>
      role === 'set-aside' ? [new FilledColumn(options.description.columns[position]!, position, options.seed)] : [],
    );
  }

  async append(batch: TableBatch): Promise<void> {
    if (batch.columns.length !== this.#learned.length) {
      const message = `A batch has ${batch.columns.length} columns where ${this.#learned.length} were learned`;
      throw new TableError('batch_mismatch', message);
    }
    this.#appender ??= await this.#open(batch.columns);
    const recodes = batch.columns.map((column, i) => this.#recode(column, i));
    for (let start = 0; start < batch.rowCount; start += VECTOR) {
      const end = Math.min(batch.rowCount, start + VECTOR);
      this.#appendRows(batch.columns, recodes, start, end);
    }
    this.#appender.flushSync();
    this.#rowCount += batch.rowCount;
  }

  async finish(): Promise<TableDescription> {
    try {
      if (!this.#appender) throw new TableError('no_rows', 'No rows were written');
      this.#appender.closeSync();
      return await this.#store();
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  async #open(columns: readonly Column[]): Promise<DuckDBAppender> {
    const names = [...this.#learned, ...this.#filled.map(({ position }) => position)].map(cell);
    this.#dictionaries = columns.map((column) => (isCoded(column) ? new CodeTable(column.dictionary) : null));
    const types = [
      ...this.#dictionaries.map((dictionary) => dictionary?.sqlType ?? 'DOUBLE'),
      ...this.#filled.map(() => 'VARCHAR'),
    ];
    await this.#database.run(`CREATE TABLE rows (${names.map((name, i) => `${name} ${types[i]}`).join(', ')})`);
    const appender = await this.#database.connection.createAppender('rows');
    this.#types = names.map((_, i) => appender.columnType(i));
    return appender;
  }

  #recode(column: Column, i: number): Int32Array | null {
    const dictionary = this.#dictionaries[i]!;
    if (isCoded(column) !== (dictionary !== null)) {
      throw new TableError('batch_mismatch', `Learned column ${i + 1} changed from numbers to codes between batches`);
    }
    return isCoded(column) ? dictionary!.recode(column.dictionary) : null;
  }

  #appendRows(columns: readonly Column[], recodes: readonly (Int32Array | null)[], start: number, end: number): void {
    const chunk = DuckDBDataChunk.create(this.#types, end - start);
    for (const [i, column] of columns.entries()) {
      if (isCoded(column)) this.#dictionaries[i]!.fill(chunk, i, column.codes.subarray(start, end), recodes[i]!);
      else fillColumn(chunk, i, column.values.subarray(start, end));
    }
    for (const [i, filled] of this.#filled.entries()) fillText(chunk, columns.length + i, filled.next(end - start));
    this.#appender!.appendDataChunk(chunk);
  }

  async #store(): Promise<TableDescription> {
    const { directory, description, plan } = this.#options;
    const cells = description.columns.map((column, position) => {
      const { kind } = plan.columns[position]!.schema;
      const learned = this.#learned.indexOf(position);
      const coded = learned < 0 || this.#dictionaries[learned] !== null;
      return `${storedSql(column, cell(position), coded, kind)} AS ${cell(position)}`;
    });
    await this.#database.writeParquet(`SELECT ${cells.join(', ')} FROM rows`, rowsPath(directory), cells.length);
    const storages = description.columns.map(({ storage }) => storage);
    const facts = await readFacts(this.#database, rowsPath(directory), storages, this.#rowCount);
    const columns = description.columns.map((column, i): StoredColumn => {
      return { ...withoutFacts(column), keepsSpelling: false, ...columnFacts(facts[i]!, this.#rowCount) };
    });
    const written = { ...description, rowCount: this.#rowCount, columns };
    await writeDescription(directory, written);
    return written;
  }
}

/** What a synthetic column shares with the real one. */
function withoutFacts({ name, storage, kind, fill, personalData }: StoredColumn) {
  return { name, storage, kind, ...(fill && { fill }), ...(personalData && { personalData }) };
}
