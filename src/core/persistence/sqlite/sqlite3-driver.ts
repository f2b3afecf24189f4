import type { Database, RunResult, Statement } from 'sqlite3';
import {
  isWrite,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteValue,
  StatementCache,
  type StatementResult,
} from './connection.js';

/** Over the `sqlite3` package, whose statements run on libuv's threads. Throws where its binary can't be loaded. */
export async function loadSqlite3(): Promise<SqliteDriver> {
  const { default: sqlite3 } = await import('sqlite3');
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
