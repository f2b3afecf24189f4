import { createRequire } from 'node:module';
import {
  isWrite,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteValue,
  StatementCache,
  type StatementResult,
} from './connection.js';

/**
 * What is used of the `sqlite3` package. It is declared here since the package is optional: where it could not be
 * installed its types are missing too, and the studio must still build.
 */
interface Sqlite3Package {
  readonly Database: new (file: string, opened: (error: Error | null) => void) => Database;
}

interface Database {
  prepare(sql: string, prepared: (error: Error | null) => void): Statement;
  close(closed: (error: Error | null) => void): void;
}

interface Statement {
  run(parameters: readonly SqliteValue[], done: (this: RunResult, error: Error | null) => void): void;
  all(parameters: readonly SqliteValue[], done: (error: Error | null, rows: unknown[]) => void): void;
  finalize(): void;
}

interface RunResult {
  readonly changes: number;
  readonly lastID: number;
}

/** Over the `sqlite3` package, whose statements run on libuv's threads. Throws where its binary can't be loaded. */
export async function loadSqlite3(): Promise<SqliteDriver> {
  const sqlite3 = createRequire(import.meta.url)('sqlite3') as Sqlite3Package;
  return {
    name: 'sqlite3',
    open: async (file) => {
      const { promise, resolve, reject } = Promise.withResolvers<Database>();
      const database: Database = new sqlite3.Database(file, (error) => (error ? reject(error) : resolve(database)));
      return new Sqlite3Connection(await promise);
    },
  };
}

class Sqlite3Connection implements SqliteConnection {
  readonly #statements = new StatementCache<Statement>((statement) => statement.finalize());

  constructor(private readonly database: Database) {}

  async execute(sql: string, parameters: readonly SqliteValue[]): Promise<StatementResult> {
    const statement = this.#statements.get(sql) ?? this.#statements.add(sql, await this.#prepare(sql));
    return isWrite(sql) ? run(statement, parameters) : all(statement, parameters);
  }

  close(): Promise<void> {
    this.#statements.clear();
    return new Promise((resolve, reject) => this.database.close((error) => (error ? reject(error) : resolve())));
  }

  #prepare(sql: string): Promise<Statement> {
    const { promise, resolve, reject } = Promise.withResolvers<Statement>();
    const statement: Statement = this.database.prepare(sql, (error: Error | null) =>
      error === null ? resolve(statement) : reject(error),
    );
    return promise;
  }
}

function run(statement: Statement, parameters: readonly SqliteValue[]): Promise<StatementResult> {
  return new Promise((resolve, reject) => {
    statement.run(parameters, function (this: RunResult, error: Error | null) {
      if (error) reject(error);
      else resolve({ changes: this.changes, lastInsertRowId: this.lastID, rows: [] });
    });
  });
}

function all(statement: Statement, parameters: readonly SqliteValue[]): Promise<StatementResult> {
  return new Promise((resolve, reject) => {
    statement.all(parameters, (error: Error | null, rows: unknown[]) => {
      if (error) reject(error);
      else resolve({ changes: rows.length, lastInsertRowId: 0, rows });
    });
  });
}
