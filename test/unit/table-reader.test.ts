import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/core/app/ids.js';
import { User } from '../../src/core/auth/user.entity.js';
import { Dataset } from '../../src/core/datasets/dataset.entity.js';
import { Generator } from '../../src/core/generators/generator.entity.js';
import { createDataSource } from '../../src/core/persistence/index.js';
import { listOf, sql } from '../../src/core/persistence/sql.js';
import { TableReader } from '../../src/core/persistence/table-reader.js';
import { PrivacyCharge } from '../../src/core/privacy/privacy-charge.entity.js';
import { SQLITE_DRIVERS } from '../support/sqlite-drivers.js';

const ODD_TEXT = `a"b '; DROP TABLE dataset; -- ? 名前 \u0001 \\ 😀`;
const DATASETS = 7;

describe.each(SQLITE_DRIVERS)('a table reader on %s', (sqliteDriver) => {
  let dataDir: string;
  let dataSource: DataSource;
  let datasets: TableReader<Dataset>;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'table-reader-'));
    dataSource = await createDataSource({ dataDir, sqliteDriver }, pino({ level: 'silent' }));
    datasets = new TableReader(dataSource, Dataset);
    for (let i = 0; i < DATASETS; i++) await dataSource.manager.insert(Dataset, dataset(i) as object);
    await dataSource.manager.insert(User, {
      id: newId(),
      email: 'ann@example.org',
      name: null,
      role: 'admin',
      passwordHash: '',
      createdAt: new Date(1_795_500_000_123),
      updatedAt: new Date(0),
    });
    // Not a float among them has a short decimal form.
    for (const [i, bounded] of [true, false].entries()) {
      const delta = i === 0 ? null : Number.MIN_VALUE;
      const facts = { id: newId(), datasetId: 'd', jobId: newId(), bounded, settled: !bounded };
      await dataSource.manager.insert(PrivacyCharge, { ...facts, epsilon: 0.1 + 0.2 + i, delta });
    }
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each([[Dataset], [User], [PrivacyCharge]] as const)('reads what TypeORM reads: %o', async (entity) => {
    const reader = new TableReader(dataSource, entity as new () => Dataset);
    const wanted = await dataSource.getRepository<object>(entity).find({ order: { id: 'ASC' } as object });
    const found = (await reader.all(sql`1 = 1`)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(wanted.length).toBeGreaterThan(0);
    expect(found).toStrictEqual(wanted);
    expect(found[0]).toBeInstanceOf(entity);
  });

  it('takes values for what they are', async () => {
    expect((await datasets.all(sql`"name" = ${ODD_TEXT}`)).map(({ rowCount }) => rowCount)).toEqual([3]);
    expect(await datasets.one(sql`"name" = ${'x" OR 1 = 1 --'}`)).toBeNull();
    expect(await datasets.one(sql`"ownerId" = ${'ann'}`, sql`"rowCount" = ${4}`)).toMatchObject({ rowCount: 4 });
    expect(await datasets.all(sql`"rowCount" IN ${listOf([])}`)).toEqual([]);
    expect(await datasets.all(sql`"rowCount" IN ${listOf([1, 2, 99])}`)).toHaveLength(2);
  });

  it.each(['ASC', 'DESC'] as const)(
    'walks a list by cursor and by offset, %s, and meets each row once',
    async (direction) => {
      // Several rows share each time, so that the id decides.
      const sort = { column: 'createdAt', direction } as const;
      const wanted = await dataSource.getRepository(Dataset).find({ order: { createdAt: direction, id: direction } });
      const byCursor: Dataset[] = [];
      let after: string | undefined;
      for (let more = true; more;) {
        const page = await datasets.page([sql`"ownerId" = ${'ann'}`], sort, { limit: 2, ...(after && { after }) });
        expect(await page.total()).toBe(DATASETS);
        byCursor.push(...page.items);
        more = page.hasMore;
        const last = page.items.at(-1)!;
        after = Buffer.from(JSON.stringify([last.createdAt.getTime(), last.id])).toString('base64url');
      }
      expect(byCursor).toEqual(wanted);
      const byOffset = await datasets.page([sql`"ownerId" = ${'ann'}`], sort, { limit: 3, offset: 3 });
      expect([byOffset.items, byOffset.hasMore]).toEqual([wanted.slice(3, 6), true]);
      expect((await datasets.page([sql`"ownerId" = ${'bob'}`], sort, { limit: 3 })).items).toEqual([]);
    },
  );

  it('sees a transaction from within, and nothing of it from outside', async () => {
    await dataSource.transaction(async (manager) => {
      await manager.update(Dataset, { rowCount: 1 }, { description: 'not yet' });
      expect((await datasets.all(sql`"rowCount" = 1`, manager))[0]?.description).toBe('not yet');
      expect((await datasets.all(sql`"rowCount" = 1`))[0]?.description).toBeNull();
    });
    expect((await datasets.all(sql`"rowCount" = 1`))[0]?.description).toBe('not yet');
  });

  it('gives its connection back, however a statement ends', async () => {
    for (let i = 0; i < 5; i++) await expect(datasets.all(sql`nowhere = 1`)).rejects.toThrow(/no such column/);
    await Promise.all(Array.from({ length: 20 }, () => datasets.one(sql`"rowCount" = 1`)));
  });

  it('refuses a table with relations', async () => {
    await expect(new TableReader(dataSource, Generator).all(sql`1 = 1`)).rejects.toThrow(/relations/);
  });
});

function dataset(i: number): Dataset {
  return {
    id: newId(),
    ownerId: 'ann',
    name: i === 3 ? ODD_TEXT : `table ${i}`,
    description: null,
    originalFilename: 'x.csv',
    format: 'csv',
    sizeBytes: 2 ** 53 - 1,
    rowCount: i,
    columnCount: 3,
    columns: [{ name: '__proto__', kind: 'integer', nullable: true, missingFraction: 1 / 3, distinctCount: 1 }],
    columnOverrides: [],
    origin: 'upload',
    privacyLimit: i === 2 ? { epsilon: 0.1 + 0.2, delta: null } : null,
    checksum: 'sha256:0',
    createdAt: new Date(1_795_500_000_123 + Math.floor(i / 3)),
    updatedAt: new Date(0),
  };
}
