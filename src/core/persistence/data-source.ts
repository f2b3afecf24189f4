import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { ConfigError, type StudioConfig } from '../app/config.js';
import { StudioError } from '../errors/index.js';
import { watchCommits } from './after-commit.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations/index.js';
import { selectSqliteDriver } from './sqlite/select-driver.js';
import { createSqliteDataSource } from './sqlite/sqlite-data-source.js';

export const DATABASE_FILE = 'studio.db';

/**
 * Opens the database in `dataDir`, which must exist, and brings its tables up to date.
 * Throws a ConfigError that names DATA_DIR where it can't be written.
 */
export async function createDataSource(
  config: Pick<StudioConfig, 'dataDir'> & Partial<Pick<StudioConfig, 'sqliteDriver'>>,
  logger: Logger,
): Promise<DataSource> {
  const driver = await selectSqliteDriver(logger, config.sqliteDriver);
  const dataSource = createSqliteDataSource(driver, join(config.dataDir, DATABASE_FILE), {
    entities: ENTITIES,
    migrations: MIGRATIONS,
  });
  try {
    await dataSource.initialize();
    watchCommits(dataSource);
    const applied = await dataSource.runMigrations({ transaction: 'all' });
    const migrations = applied.map(({ name }) => name);
    if (migrations.length > 0) logger.info({ migrations }, 'Brought the database up to date');
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw explain(error, config.dataDir);
  }
}

/** What a request would be told of the disk is, at the start, the configuration's fault. */
function explain(error: unknown, dataDir: string): unknown {
  return error instanceof StudioError ? new ConfigError(`${error.message} (${dataDir})`) : error;
}
