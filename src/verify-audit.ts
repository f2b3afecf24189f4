import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { keptSecret } from './core/app/secrets.js';
import { ConfigError, readConfig } from './core/app/config.js';
import { verifyChain } from './core/audit/verify-chain.js';
import { createDataSource, DATABASE_FILE } from './core/persistence/index.js';

/** `npm run audit:verify`: walks the audit trail in DATA_DIR, whether the studio runs or not; ends with 1 where it does not hold. */
try {
  const config = readConfig(process.env);
  if (!existsSync(join(config.dataDir, DATABASE_FILE))) {
    throw new ConfigError(`DATA_DIR: there is no database in ${config.dataDir}`);
  }
  const dataSource = await createDataSource(config, pino({ level: 'silent' }));
  const key = new TextEncoder().encode(await keptSecret(config.dataDir, 'audit'));
  const { entries, pruned, head, problem } = await verifyChain(dataSource, key);
  await dataSource.destroy();
  const removed = pruned === 0 ? '' : `; ${pruned} older ones were removed by AUDIT_RETENTION_DAYS`;
  const outcome = problem ?? 'The audit trail holds';
  process.stdout.write(`${outcome}: ${entries} entries, the last one is ${head.hash}${removed}\n`);
  process.exitCode = problem === null ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
