import type { Logger } from 'pino';
import { ConfigError } from '../../app/config.js';
import type { SqliteDriver } from './connection.js';
import { loadNodeSqlite } from './node-sqlite-driver.js';
import { loadSqlite3 } from './sqlite3-driver.js';

/**
 * The `sqlite3` package, or `node:sqlite` where it was not installed or its binary can't be loaded.
 * `forced` takes that one or fails.
 */
export async function selectSqliteDriver(logger: Logger, forced?: 'sqlite3' | 'node'): Promise<SqliteDriver> {
  if (forced === 'node') return loadNodeSqlite();
  if (forced === 'sqlite3') return loadSqlite3();
  try {
    return await loadSqlite3();
  } catch (error) {
    const driver = fallback(error);
    logger.info('The sqlite3 package cannot be loaded: using the SQLite that comes with Node instead');
    return driver;
  }
}

function fallback(cause: unknown): SqliteDriver {
  try {
    return loadNodeSqlite();
  } catch (error) {
    const reasons = [cause, error].map((reason) => (reason as Error).message.split('\n')[0]);
    throw new ConfigError(`No SQLite can be loaded. ${reasons.join('; ')}`);
  }
}
