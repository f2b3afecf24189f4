// Writes rows through the studio's own driver, tells each accepted one on stdout, and is killed amid the 51st.
import { writeSync } from 'node:fs';

await import('./typescript-hooks.mjs');

const [driverName, file] = process.argv.slice(2);
const { selectSqliteDriver } = await import('../../src/core/persistence/sqlite/select-driver.ts');
const { createSqliteDataSource } = await import('../../src/core/persistence/sqlite/sqlite-data-source.ts');
const dataSource = createSqliteDataSource(await selectSqliteDriver({ info() {} }, driverName), file, {});
await dataSource.initialize();
await dataSource.query('CREATE TABLE written (id integer)');
for (let id = 1; ; id++) {
  await dataSource.transaction(async (manager) => {
    await manager.query('INSERT INTO written VALUES (?)', [id]);
    if (id > 50) process.kill(process.pid, 'SIGKILL');
  });
  writeSync(1, `${id}\n`);
}
