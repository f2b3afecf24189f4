import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunOption } from '../../src/core/generators/run-option.entity.js';
import { User } from '../../src/core/auth/user.entity.js';
import { newId } from '../../src/core/app/ids.js';
import { PrivacyCharge } from '../../src/core/privacy/privacy-charge.entity.js';
import { Dataset } from '../../src/core/datasets/dataset.entity.js';
import {
  afterCommit,
  asStorageError,
  createDataSource,
  isDatabaseBusy,
  isDatabaseFull,
  isDatabaseReadOnly,
  isUniqueViolation,
  schemaDrift,
} from '../../src/core/persistence/index.js';
import { loadNodeSqlite } from '../../src/core/persistence/sqlite/node-sqlite-driver.js';
import { loadSqlite3 } from '../../src/core/persistence/sqlite/sqlite3-driver.js';
import { selectSqliteDriver } from '../../src/core/persistence/sqlite/select-driver.js';
import { SQLITE_DRIVERS } from '../support/sqlite-drivers.js';

const logger = pino({ level: 'silent' });

function user(email: string, fields: Partial<User> = {}): User {
  const now = new Date();
  return { id: newId(), email, name: null, role: 'user', passwordHash: 'x', createdAt: now, updatedAt: now, ...fields };
}

let dataDir: string;
let dataSource: DataSource;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'persistence-'));
});
afterEach(async () => {
  if (dataSource?.isInitialized) await dataSource.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

describe.each(SQLITE_DRIVERS)('SQLite through %s', (driver) => {
  beforeEach(async () => {
    dataSource = await createDataSource({ dataDir, sqliteDriver: driver }, logger);
  });

  it('has the tables that the entities say, made by the migrations alone', async () => {
    expect(await schemaDrift(dataSource)).toEqual({ up: [], down: [] });
    const hasAccounts = () => dataSource.query(`SELECT 1 FROM sqlite_master WHERE name = 'privacy_charge'`);
    while ((await hasAccounts()).length > 0) await dataSource.undoLastMigration();
    expect((await schemaDrift(dataSource)).up.length).toBeGreaterThan(0);
    await dataSource.runMigrations();
    expect((await schemaDrift(dataSource)).up).toEqual([]);
  });

  it('charges models that were there before there were accounts', async () => {
    const hasAccounts = () => dataSource.query(`SELECT 1 FROM sqlite_master WHERE name = 'privacy_charge'`);
    while ((await hasAccounts()).length > 0) await dataSource.undoLastMigration({ transaction: 'all' });
    const model = async (id: string, privacySpent: unknown, seedGiven: boolean) => {
      await dataSource.query(
        `INSERT INTO "model" ("id", "ownerId", "datasetId", "datasetChecksum", "pluginId", "pluginVersion", "artefactVersion", "config", "columnOverrides", "seed", "holdoutFraction", "summary", "createdAt") VALUES ('${id}', 'o', 'd', 's', 'p', '1', 1, '{}', '[]', 1, 0, '${JSON.stringify({ privacySpent })}', 0)`,
      );
      await dataSource.query(
        `INSERT INTO "generator" ("id", "ownerId", "datasetId", "generatorType", "numRows", "seed", "seedGiven", "config", "conditions", "warnings", "holdoutFraction", "jobId", "createdAt", "updatedAt") VALUES ('${id}', 'o', 'd', 'p', 1, 1, ${seedGiven}, '{}', '[]', '[]', 0, 'j${id}', 0, 0)`,
      );
    };
    await model('a', { epsilon: 2, delta: 1e-5 }, false);
    await model('b', { epsilon: 1, delta: 0 }, true);
    await model('c', null, false);
    await dataSource.runMigrations();
    const charges = await dataSource.manager.find(PrivacyCharge, { order: { id: 'ASC' } });
    expect(charges.map(({ id, jobId, bounded, epsilon, delta }) => [id, jobId, bounded, epsilon, delta])).toEqual([
      ['a', 'ja', true, 2, 1e-5],
      ['b', 'jb', false, 1, 0],
      ['c', 'jc', false, 0, 0],
    ]);
  });

  it('makes a list of the shares that were of one column', async () => {
    const before = '{"column":"income","groups":[]}';
    await dataSource.undoLastMigration();
    await dataSource.query(`INSERT INTO "run_option" ("id", "distribution") VALUES ('a', '${before}'), ('b', NULL)`);
    await dataSource.runMigrations();
    const options = await dataSource.manager.find(RunOption, { order: { id: 'ASC' } });
    expect(options.map(({ distribution }) => distribution)).toEqual([[JSON.parse(before)], null]);
    await dataSource.undoLastMigration();
    expect(await dataSource.query(`SELECT "distribution" FROM "run_option" WHERE "id" = 'a'`)).toEqual([
      { distribution: before },
    ]);
  });

  it('keeps exactly the committed ones of ten concurrent transactions', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        dataSource.transaction(async (manager) => {
          await manager.insert(User, user(`u${i}@example.org`));
          await new Promise((resolve) => setTimeout(resolve, 5));
          expect(await manager.existsBy(User, { email: `u${i}@example.org` })).toBe(true);
          if (i % 2 === 1) throw new Error(`rolled back ${i}`);
        }),
      ),
    );
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(
      Array.from({ length: 10 }, (_, i) => i % 2 === 0),
    );
    const kept = await dataSource.manager.find(User, { order: { email: 'ASC' } });
    expect(kept.map(({ email }) => email)).toEqual([0, 2, 4, 6, 8].map((i) => `u${i}@example.org`));
  });

  it("does not let a write outside a transaction fall into a stranger's rollback", async () => {
    const started = Promise.withResolvers<void>();
    const transaction = dataSource.transaction(async (manager) => {
      await manager.insert(User, user('inside@example.org'));
      started.resolve();
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw new Error('rolled back');
    });
    // Expected from now on: on a busy machine it comes before the rest has been read.
    const rolledBack = expect(transaction).rejects.toThrow('rolled back');
    await started.promise;
    const outside = dataSource.manager.insert(User, user('outside@example.org'));
    // A reader is not held up by the writer, and sees what was committed.
    expect(await dataSource.manager.count(User)).toBe(0);
    await rolledBack;
    await outside;
    expect((await dataSource.manager.find(User)).map(({ email }) => email)).toEqual(['outside@example.org']);
  });

  it('loses no update of concurrent read-and-write transactions', async () => {
    const { id } = user('a');
    await dataSource.manager.insert(User, user('a', { id, name: '0' }));
    await Promise.all(
      Array.from({ length: 20 }, () =>
        dataSource.transaction(async (manager) => {
          const { name } = await manager.findOneByOrFail(User, { id });
          await manager.update(User, { id }, { name: String(Number(name) + 1) });
        }),
      ),
    );
    expect((await dataSource.manager.findOneByOrFail(User, { id })).name).toBe('20');
  });

  it('undoes a nested transaction alone', async () => {
    await dataSource.transaction(async (outer) => {
      await outer.insert(User, user('outer'));
      await expect(
        outer.transaction(async (inner) => {
          await inner.insert(User, user('inner'));
          throw new Error('inner');
        }),
      ).rejects.toThrow('inner');
    });
    expect((await dataSource.manager.find(User)).map(({ email }) => email)).toEqual(['outer']);
  });

  it('gives values back as they went in', async () => {
    const dataset = {
      id: newId(),
      ownerId: newId(),
      name: `a"b '; DROP TABLE dataset; -- 名前`,
      description: null,
      originalFilename: 'x.csv',
      format: 'csv',
      sizeBytes: 2 ** 53 - 1,
      rowCount: 0,
      columnCount: 3,
      columns: [{ name: '__proto__', kind: 'integer', nullable: true, missingFraction: 0.5, distinctCount: 1 }],
      columnOverrides: [],
      origin: 'upload',
      privacyLimit: { epsilon: 0.1, delta: null },
      checksum: 'sha256:0',
      createdAt: new Date(1_795_500_000_123),
      updatedAt: new Date(0),
    };
    await dataSource.manager.insert(Dataset, dataset as object);
    expect({ ...(await dataSource.manager.findOneByOrFail(Dataset, { id: dataset.id })) }).toEqual(dataset);
  });

  it('tells a broken unique index from other faults', async () => {
    await dataSource.manager.insert(User, user('same'));
    const error = await dataSource.manager.insert(User, user('same')).catch((reason: unknown) => reason);
    expect(isUniqueViolation(error)).toBe(true);
    expect(asStorageError(error)).toBeUndefined();
    const other = await dataSource.query('SELECT * FROM nowhere').catch((reason: unknown) => reason);
    expect(isUniqueViolation(other)).toBe(false);
  });

  it('says that the disk is full', async () => {
    const { page_count: pages } = (await dataSource.query('PRAGMA page_count'))[0];
    await dataSource.query(`PRAGMA max_page_count = ${pages + 1}`);
    const big = user('big', { name: 'x'.repeat(100_000) });
    await expect(dataSource.manager.insert(User, big)).rejects.toMatchObject({
      name: 'StudioError',
      type: 'insufficient_storage',
      message: 'No space left in DATA_DIR',
    });
    await dataSource.query('PRAGMA max_page_count = 1000000');
    await dataSource.manager.insert(User, big);
  });

  it('says that the database cannot be written', async () => {
    await dataSource.query('PRAGMA query_only = ON');
    await expect(dataSource.manager.insert(User, user('a'))).rejects.toMatchObject({ type: 'insufficient_storage' });
  });

  it('says that another process holds the database', async () => {
    const load = driver === 'node' ? loadNodeSqlite : loadSqlite3;
    const other = await (await load()).open(join(dataDir, 'studio.db'));
    await other.execute('BEGIN IMMEDIATE', []);
    await dataSource.query('PRAGMA busy_timeout = 20');
    await expect(dataSource.manager.insert(User, user('a'))).rejects.toMatchObject({
      type: 'unavailable',
      retryAfter: 1,
    });
    await other.execute('ROLLBACK', []);
    await other.close();
    await dataSource.manager.insert(User, user('a'));
  });

  it('runs an effect after the commit, and never after a rollback', async () => {
    const effects: string[] = [];
    const count = () => dataSource.manager.count(User);
    await dataSource.transaction(async (manager) => {
      await manager.transaction(async (inner) => afterCommit(inner, () => effects.push('inner')));
      afterCommit(manager, () => void count().then((n) => effects.push(`sees ${n}`)));
      await manager.insert(User, user('a'));
      expect(effects).toEqual([]);
    });
    await expect.poll(() => effects).toEqual(['inner', 'sees 1']);
    await expect(
      dataSource.transaction(async (manager) => {
        afterCommit(manager, () => effects.push('never'));
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await dataSource.transaction(async (manager) => manager.insert(User, user('b')));
    afterCommit(dataSource.manager, () => effects.push('at once'));
    expect(effects).toEqual(['inner', 'sees 1', 'at once']);
  });

  it('leaves one file when it is closed, and finds everything again', async () => {
    const reading = dataSource.manager.count(User);
    await dataSource.manager.insert(User, user('kept'));
    await dataSource.destroy();
    await reading;
    expect(await readdir(dataDir)).toEqual(['studio.db']);
    dataSource = await createDataSource({ dataDir }, logger);
    expect(await dataSource.manager.existsBy(User, { email: 'kept' })).toBe(true);
  });

  it('loses nothing of what was accepted when the process is killed', async () => {
    await dataSource.destroy();
    const { stdout, stderr, signal } = await runWriter(driver);
    expect(signal).toBe('SIGKILL');
    expect(stderr).not.toMatch(/SQLite/);
    const accepted = stdout.split('\n').filter((line) => line !== '');
    expect(accepted.length).toBe(50);
    dataSource = await createDataSource({ dataDir }, logger);
    expect(await dataSource.query('SELECT id FROM written ORDER BY id')).toEqual(
      accepted.map((id) => ({ id: Number(id) })),
    );
  });
});

describe('opening', () => {
  it('names a DATA_DIR that cannot be made', async () => {
    const path = join(dataDir, 'file');
    await writeFile(path, '');
    const unusable = join(path, 'data');
    await expect(createDataSource({ dataDir: unusable }, logger)).rejects.toThrow(
      `DATA_DIR cannot be written to (${unusable})`,
    );
  });

  it('names a DATA_DIR whose database is not one', async () => {
    await writeFile(join(dataDir, 'studio.db'), 'x'.repeat(4096));
    await expect(createDataSource({ dataDir }, logger)).rejects.toThrow(/not a database/);
  });

  it('takes the driver that is asked for, or one that is there', async () => {
    expect((await selectSqliteDriver(logger, 'node')).name).toBe('node:sqlite');
    expect((await selectSqliteDriver(logger, undefined)).name).toMatch(/sqlite/);
  });
});

describe('error predicates', () => {
  it.each([
    [{ code: 'SQLITE_FULL', errno: 13 }, 'full'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 13 }, 'full'],
    [{ code: 'ENOSPC', errno: -28 }, 'full'],
    [{ driverError: { code: 'SQLITE_READONLY', errno: 8 } }, 'readonly'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 8 | (6 << 8) }, 'readonly'],
    [{ code: 'EROFS', errno: -30 }, 'readonly'],
    [{ code: 'SQLITE_BUSY', errno: 5 }, 'busy'],
    [{ code: 'ERR_SQLITE_ERROR', errcode: 5 | (2 << 8) }, 'busy'],
    [{ code: 'EIO', errno: -5 }, 'none'],
    [undefined, 'none'],
    ['text', 'none'],
  ])('%o is %s', (error, kind) => {
    const found = isDatabaseFull(error)
      ? 'full'
      : isDatabaseReadOnly(error)
        ? 'readonly'
        : isDatabaseBusy(error)
          ? 'busy'
          : 'none';
    expect(found).toBe(kind);
  });
});

const WRITER = fileURLToPath(new URL('../support/sqlite-writer.mjs', import.meta.url));

/** What a process that was killed amid its writing had said. */
async function runWriter(driver: string): Promise<{ stdout: string; stderr: string; signal: string }> {
  // Some sources declare properties among a constructor's parameters, which stripping alone can't do.
  const args = ['--experimental-transform-types', WRITER, driver, join(dataDir, 'studio.db')];
  return promisify(execFile)(process.execPath, args).catch((error: unknown) => error) as never;
}
