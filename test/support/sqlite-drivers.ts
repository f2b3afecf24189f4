import { loadSqlite3 } from '../../src/core/persistence/sqlite/sqlite3-driver.js';

/**
 * The SQLite drivers that work here: the `sqlite3` package is optional, and a machine may be unable to have it.
 * REQUIRED_SQLITE_DRIVERS (names, comma separated) turns that into a failure, as CI does.
 */
const found = await loadSqlite3().then(
  () => ['sqlite3', 'node'] as const,
  () => ['node'] as const,
);
const required = process.env['REQUIRED_SQLITE_DRIVERS']?.split(',') ?? [];
export const SQLITE_DRIVERS = [...new Set([...found, ...required])] as ('sqlite3' | 'node')[];
