import { mkdir } from 'node:fs/promises';
import { type DuckDBAppender, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import { type Column, type ColumnSchema, isCoded, type TableBatch } from '../plugin-api/index.js';
import { fillColumn } from './chunk-memory.js';
import { Database } from './database.js';
import { columnFacts } from './describe-columns.js';
import { rowsPath, type StoredColumn, type TableDescription, writeDescription } from './description.js';
import type { FillPlan } from './fill-plan.js';
import { CodeTable, storedSql } from './generated-cells.js';
import { spellSql } from './spelling.js';
import { cell, literal, spelledCell } from './sql.js';
import { readFacts } from './stored-facts.js';
import { TableError } from './table-error.js';

export interface GapWriterOptions {
  /** Of the table with gaps. */
  readonly source: string;
  /** Takes `table.parquet` and `table.json`; made when it is not there. */
  readonly directory: string;
  readonly description: TableDescription;
  readonly plan: FillPlan;
}

/** A column that has gaps, and where it stands in what is appended. */
interface Gappy {
  readonly position: number;
  readonly place: number;
  readonly schema: ColumnSchema;
}

/** Rows in a DuckDB vector. */
const VECTOR = 2048;

/** Writes a table again with its gaps filled: cells that are there stay as they are kept and as they are spelled. */
export class GapWriter implements AsyncDisposable {
  readonly #gappy: readonly Gappy[];
  #appender: DuckDBAppender | null = null;
  #types: DuckDBType[] = [];
  #codes: (CodeTable | null)[] = [];
  #rowCount = 0;

  private constructor(
    private readonly options: GapWriterOptions,
    private readonly database: Database,
  ) {
    const { plan, description } = options;
    this.#gappy = plan.columns.flatMap(({ position, schema }, place) =>
      description.columns[position]!.nullable ? [{ position, place, schema }] : [],
    );
  }

  static async open(options: GapWriterOptions): Promise<GapWriter> {
    await mkdir(options.directory, { recursive: true });
    const database = await Database.open({
      directories: [options.source, options.directory],
      workDirectory: options.directory,
      columnCount: options.description.columns.length,
      memoryLimitMegabytes: 512,
    });
    return new GapWriter(options, database);
  }

  /** The table's rows in their order, in the plan's columns; one dictionary for each column throughout. */
  async append(batch: TableBatch): Promise<void> {
    const columns = this.#gappy.map(({ place }) => batch.columns[place]!);
    this.#appender ??= await this.#open(columns);
    const recodes = columns.map((column, i) => (isCoded(column) ? this.#codes[i]!.recode(column.dictionary) : null));
    for (let start = 0; start < batch.rowCount; start += VECTOR) {
      const end = Math.min(batch.rowCount, start + VECTOR);
      const chunk = DuckDBDataChunk.create(this.#types, end - start);
      columns.forEach((column, i) => {
        if (isCoded(column)) this.#codes[i]!.fill(chunk, i, column.codes.subarray(start, end), recodes[i]!);
        else fillColumn(chunk, i, column.values.subarray(start, end));
      });
      this.#appender.appendDataChunk(chunk);
    }
    this.#appender.flushSync();
    this.#rowCount += batch.rowCount;
  }

  async finish(): Promise<TableDescription> {
    const { description, directory } = this.options;
    if (this.#rowCount !== description.rowCount) {
      const message = `${this.#rowCount} rows were filled of ${description.rowCount}`;
      throw new TableError('batch_mismatch', message);
    }
    this.#appender?.closeSync();
    const columns = description.columns.map((column, i) => this.#stored(column, i));
    const cells = columns.flatMap((column, i) => this.#cells(column, i));
    const joined = `read_parquet(${literal(rowsPath(this.options.source))}) p POSITIONAL JOIN filled f`;
    await this.database.writeParquet(`SELECT ${cells.join(', ')} FROM ${joined}`, rowsPath(directory), cells.length);
    const storages = columns.map(({ storage }) => storage);
    const facts = await readFacts(this.database, rowsPath(directory), storages, this.#rowCount);
    const written = {
      ...description,
      columns: columns.map((column, i): StoredColumn => ({ ...column, ...columnFacts(facts[i]!, this.#rowCount) })),
    };
    await writeDescription(directory, written);
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database[Symbol.asyncDispose]();
  }

  async #open(columns: readonly Column[]): Promise<DuckDBAppender> {
    this.#codes = columns.map((column) => (isCoded(column) ? new CodeTable(column.dictionary) : null));
    const declared = this.#gappy.map(({ position }, i) => `${cell(position)} ${this.#codes[i]?.sqlType ?? 'DOUBLE'}`);
    await this.database.run(`CREATE TABLE filled (${declared.join(', ')})`);
    const appender = await this.database.connection.createAppender('filled');
    this.#types = declared.map((_, i) => appender.columnType(i));
    return appender;
  }

  /** A column without a single cell is kept and spelled as the model knows it. */
  #stored(column: StoredColumn, position: number): StoredColumn {
    const planned = this.options.plan.columns.find((candidate) => candidate.position === position);
    if (planned === undefined || column.distinctCount > 0) return column;
    return { ...column, storage: planned.learned.storage, kind: planned.learned.kind, keepsSpelling: false };
  }

  #cells(column: StoredColumn, position: number): string[] {
    const name = cell(position);
    const spelled = column.keepsSpelling ? [`p.${spelledCell(position)} AS ${spelledCell(position)}`] : [];
    const i = this.#gappy.findIndex((candidate) => candidate.position === position);
    if (i < 0) return [`p.${name} AS ${name}`, ...spelled];
    const drawn = storedSql(column, `f.${name}`, this.#codes[i] !== null, this.#gappy[i]!.schema.kind);
    const isEmpty = this.options.description.columns[position]!.distinctCount === 0;
    const value = isEmpty ? drawn : `coalesce(p.${name}, ${drawn})`;
    if (!column.keepsSpelling) return [`${value} AS ${name}`];
    const text = `CASE WHEN p.${name} IS NULL THEN ${spellSql(column.storage, drawn)} ELSE p.${spelledCell(position)} END`;
    return [`${value} AS ${name}`, `${text} AS ${spelledCell(position)}`];
  }
}
