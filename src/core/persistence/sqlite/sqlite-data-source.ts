import { DataSource, type DataSourceOptions, type ReplicationMode } from 'typeorm';
import type { ExpoDriver } from 'typeorm/driver/expo/ExpoDriver.js';
import type { SqliteConnection, SqliteDriver } from './connection.js';
import { LeasePool } from './lease-pool.js';
import { PooledQueryRunner } from './pooled-query-runner.js';
import type { WithReaders } from './read-rows.js';

const READERS = 2;
const LEASE_TIMEOUT = 30_000;

/**
 * With a write-ahead log, NORMAL keeps every committed transaction through the death of the process (the pages are
 * with the operating system); a power cut may lose the last ones, but never breaks the file.
 */
const PRAGMAS = ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'];

/**
 * TypeORM on SQLite with real isolation: every write and every transaction takes its turn on one connection, while
 * plain reads run on others and see what was last committed. TypeORM's own SQLite drivers share one connection among
 * all, so that a write outside a transaction falls into whichever one happens to be open, and is lost with it.
 *
 * The Expo driver is the one whose database is handed in through a public option.
 */
export function createSqliteDataSource(
  driver: SqliteDriver,
  file: string,
  options: Pick<DataSourceOptions, 'entities' | 'migrations'>,
): DataSource {
  const pool = (maximum: number) =>
    new LeasePool<SqliteConnection>({
      open: () => openConnection(driver, file),
      close: (connection) => connection.close(),
      maximum,
      timeout: LEASE_TIMEOUT,
    });
  const writer = pool(1);
  const readers = pool(READERS);
  const client = {
    openDatabaseAsync: async () => ({
      runAsync: async () => {},
      closeAsync: async () => {
        await readers.close();
        await writer.close();
      },
    }),
  };
  const dataSource = new DataSource({ ...options, type: 'expo', driver: client, database: file });
  const expo = dataSource.driver as ExpoDriver;
  // TypeORM asks for a slave where it only reads; the manager of a transaction keeps its own connection.
  Object.assign(expo, {
    createQueryRunner: (mode: ReplicationMode) => new PooledQueryRunner(expo, mode === 'slave' ? readers : writer),
  });
  Object.assign(expo, { readers } satisfies WithReaders);
  return dataSource;
}

async function openConnection(driver: SqliteDriver, file: string): Promise<SqliteConnection> {
  const connection = await driver.open(file);
  try {
    for (const pragma of PRAGMAS) await connection.execute(`PRAGMA ${pragma}`, []);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
