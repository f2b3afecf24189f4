import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBDataChunk, type Json } from '@duckdb/node-api';
import { literal, literals } from './sql.js';

export interface DatabaseOptions {
  /** The only folders that statements may read or write. */
  readonly directories: readonly string[];
  /** A folder of its own inside this one takes what does not fit in memory; gone when the database is closed. */
  readonly workDirectory: string;
  /** Of the widest table that is read or written. */
  readonly columnCount: number;
  /** Besides what the width of the table needs. Default 192. */
  readonly memoryLimitMegabytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Columns above which one thread works alone: a second one would hold as much again. */
const WIDE = 500;
/** Measured with 5,000 columns, for each thread. */
const MEGABYTES_PER_COLUMN = 0.8;

/** A private in-memory DuckDB that can reach its own folders and nothing else: no network, no extension, no setting. */
export class Database implements AsyncDisposable {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly temporary: string,
    private readonly signal: AbortSignal | undefined,
    private readonly interrupt: () => void,
  ) {}

  static async open(options: DatabaseOptions): Promise<Database> {
    options.signal?.throwIfAborted();
    // DuckDB makes the folder when it first needs it.
    const temporary = join(options.workDirectory, `.spill-${randomUUID()}`);
    const instance = await DuckDBInstance.create(':memory:', {
      ...resourcesFor(options.columnCount, options.memoryLimitMegabytes ?? 192),
      temp_directory: temporary,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'true',
    });
    const connection = await instance.connect();
    await connection.run(`SET allowed_directories = [${literals([...options.directories, temporary])}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const interrupt = () => connection.interrupt();
    options.signal?.addEventListener('abort', interrupt);
    return new Database(instance, connection, temporary, options.signal, interrupt);
  }

  async run(sql: string): Promise<void> {
    await this.guard(() => this.connection.run(sql));
  }

  /** All rows; big integers, decimals and dates come as text. */
  async rows(sql: string): Promise<Json[][]> {
    return this.guard(async () => (await this.connection.runAndReadAll(sql)).getRowsJson());
  }

  /** The first row. */
  async row(sql: string): Promise<Json[]> {
    return (await this.rows(sql))[0]!;
  }

  /** Rows as they are computed, a chunk at a time. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.guard(() => this.connection.stream(sql));
    for (;;) {
      const chunk = await this.guard(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  /** Writes the rows of `select` to a Parquet file, in row groups small enough for the table's width. Returns how many. */
  async writeParquet(select: string, path: string, columnCount: number): Promise<number> {
    const rowGroup = Math.max(2048, Math.min(61_440, Math.floor(1_000_000 / columnCount)));
    const copied = await this.row(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, ROW_GROUP_SIZE ${rowGroup})`);
    return Number(copied[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal?.removeEventListener('abort', this.interrupt);
    this.connection.closeSync();
    this.instance.closeSync();
    await rm(this.temporary, { recursive: true, force: true });
  }

  private async guard<T>(action: () => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      this.signal?.throwIfAborted();
      throw error;
    }
  }
}

/** DuckDB holds 2048 cells of every column for each thread, whatever the rows: a limit, taken only as far as needed. */
function resourcesFor(columnCount: number, megabytes: number): Record<string, string> {
  const threads = columnCount <= WIDE ? 2 : 1;
  const limit = megabytes + Math.ceil(columnCount * MEGABYTES_PER_COLUMN * threads);
  return { threads: `${threads}`, memory_limit: `${limit}MB` };
}
