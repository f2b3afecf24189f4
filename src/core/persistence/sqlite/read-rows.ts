import type { EntityManager } from 'typeorm';
import { asStorageError } from '../database-errors.js';
import { type SqliteConnection, toSqliteValue } from './connection.js';
import type { LeasePool } from './lease-pool.js';

export type SqlRow = Readonly<Record<string, unknown>>;

/** What every driver of our data sources has. */
export interface WithReaders {
  readonly readers: LeasePool<SqliteConnection>;
}

/**
 * Runs a statement that only reads: in the manager's transaction where it has one, otherwise on a reader, past the query
 * runner that TypeORM makes for each statement, its events and its log.
 */
export async function readRows(manager: EntityManager, text: string, values: readonly unknown[]): Promise<SqlRow[]> {
  if (manager.queryRunner !== undefined) return manager.queryRunner.query(text, [...values]);
  const { readers } = manager.connection.driver as unknown as WithReaders;
  const connection = await readers.lease();
  try {
    const { rows } = await connection.execute(text, values.map(toSqliteValue));
    return rows as SqlRow[];
  } catch (error) {
    throw asStorageError(error) ?? error;
  } finally {
    readers.giveBack(connection);
  }
}
