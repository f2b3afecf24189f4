import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { ConfigError, type StudioConfig } from '../app/config.js';
import { isOutOfSpace } from '../storage/disk-errors.js';
import { watchCommits } from './after-commit.js';
import { isDatabaseFull, isDatabaseReadOnly } from './database-errors.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations/index.js';
import { selectSqliteDriver } from './sqlite/select-driver.js';
import { createSqliteDataSource } from './sqlite/sqlite-data-source.js';

export const DATABASE_FILE = 'studio.db';

/**
 * Opens the database in `dataDir`, making both where they don't exist, and brings its tables up to date.
 * Throws a ConfigError that names DATA_DIR where it can't be written.
 */
export async function createDataSource(config: Pick<StudioConfig, 'dataDir'>, logger: Logger): Promise<DataSource> {
  await makeDataDir(config.dataDir);
  const driver = await selectSqliteDriver(logger);
  const dataSource = createSqliteDataSource(driver, join(config.dataDir, DATABASE_FILE), {
    entities: ENTITIES,
    migrations: MIGRATIONS,
  });
  try {
    await dataSource.initialize();
    watchCommits(dataSource);
    const applied = await dataSource.runMigrations({ transaction: 'all' });
    if (applied.length > 0)
      logger.info({ migrations: applied.map(({ name }) => name) }, 'Brought the database up to date');
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw explain(error, config.dataDir);
  }
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK);
  } catch (error) {
    throw explain(error, dataDir);
  }
}

const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

function explain(error: unknown, dataDir: string): unknown {
  const { code, type } = error as { code?: string; type?: string };
  if (isOutOfSpace(error) || isDatabaseFull(error)) return new ConfigError(`DATA_DIR ${dataDir}: no space left`);
  if (UNWRITABLE.has(code ?? '') || isDatabaseReadOnly(error) || type === 'insufficient_storage') {
    return new ConfigError(`DATA_DIR ${dataDir} cannot be written: ${(error as Error).message}`);
  }
  return error;
}
