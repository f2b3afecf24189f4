import type { QueryResult } from 'typeorm';
import { ExpoQueryRunner } from 'typeorm/driver/expo/ExpoQueryRunner.js';
import type { ExpoDriver } from 'typeorm/driver/expo/ExpoDriver.js';
import { asStorageError } from '../database-errors.js';
import { type CompanionRow, companionRows } from '../commit-companion.js';
import { isWrite, type SqliteConnection, toSqliteValue } from './connection.js';
import type { LeasePool } from './lease-pool.js';

/** The shape in which TypeORM's Expo query runner talks to a database. */
interface ExpoDatabase {
  prepareAsync(sql: string): Promise<{
    executeAsync(parameters?: readonly unknown[]): Promise<{
      readonly changes: number;
      readonly lastInsertRowId: number;
      getAllAsync(): Promise<readonly unknown[]>;
    }>;
    finalizeAsync(): Promise<void>;
  }>;
}

/** A query runner that holds one connection of a pool from its first query until it is released. */
export class PooledQueryRunner extends ExpoQueryRunner {
  #lease: Promise<SqliteConnection> | undefined;
  /** Whether the open transaction has written. */
  #hasWritten = false;

  constructor(
    driver: ExpoDriver,
    private readonly pool: LeasePool<SqliteConnection>,
  ) {
    super(driver);
  }

  override async connect(): Promise<ExpoDatabase> {
    return asExpoDatabase(await (this.#lease ??= this.pool.lease()));
  }

  override query(query: string, parameters?: unknown[], useStructuredResult?: false): Promise<unknown>;
  override query(query: string, parameters: unknown[] | undefined, useStructuredResult: true): Promise<QueryResult>;
  override async query(query: string, parameters?: unknown[], useStructuredResult = false): Promise<unknown> {
    try {
      if (query === 'COMMIT' && this.#hasWritten) await this.#insert(companionRows());
      if (!isWrite(query)) return await super.query(query, parameters, useStructuredResult as true);
      this.#hasWritten = true;
      const run = () => super.query(query, parameters, useStructuredResult as true);
      return this.isTransactionActive ? await run() : await this.#accompanied(run);
    } catch (error) {
      throw asStorageError(error) ?? error;
    } finally {
      if (query === 'COMMIT' || query === 'ROLLBACK') this.#hasWritten = false;
    }
  }

  /** Runs a write that is a transaction by itself, in one with what goes along with it. */
  async #accompanied<T>(run: () => Promise<T>): Promise<T> {
    const rows = companionRows();
    if (rows.length === 0) return run();
    await super.query('BEGIN TRANSACTION');
    try {
      const result = await run();
      await this.#insert(rows);
      await super.query('COMMIT');
      return result;
    } catch (error) {
      await super.query('ROLLBACK');
      throw error;
    }
  }

  async #insert(rows: readonly CompanionRow[]): Promise<void> {
    for (const { table, row } of rows) {
      const names = Object.keys(row).map((name) => `"${name}"`);
      const places = names.map(() => '?').join(', ');
      const insert = `INSERT INTO "${table}" (${names.join(', ')}) VALUES (${places}) ON CONFLICT DO NOTHING`;
      await super.query(insert, Object.values(row));
    }
  }

  override async release(): Promise<void> {
    if (this.isReleased) return;
    this.isReleased = true;
    this.loadedTables = [];
    this.clearSqlMemory();
    const connection = await this.#lease?.catch(() => undefined);
    if (connection !== undefined) this.pool.giveBack(connection);
  }
}

function asExpoDatabase(connection: SqliteConnection): ExpoDatabase {
  return {
    prepareAsync: async (sql) => ({
      executeAsync: async (parameters = []) => {
        // A transaction that read first and wrote later could fail half-way: take the write lock at its start.
        const text = sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql;
        const { changes, lastInsertRowId, rows } = await connection.execute(text, parameters.map(toSqliteValue));
        return { changes, lastInsertRowId, getAllAsync: async () => rows };
      },
      finalizeAsync: async () => {},
    }),
  };
}
