import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableBatch } from '../../src/core/plugin-api/index.js';
import {
  applyOverrides,
  createTableWriter,
  learnedSchema,
  openTable,
  previewRows,
  proposePlan,
  TableError,
} from '../../src/core/tables/index.js';
import { columnOf, lines, readColumns, TableFiles } from '../fixtures/tables/table-files.js';

let files: TableFiles;
beforeAll(async () => void (files = await TableFiles.create()));
afterAll(() => files[Symbol.asyncDispose]());

const PEOPLE = `id,code,age,height,smoker,born,town,note\n${lines(
  3000,
  (i) =>
    `${i + 1},AB-${String((i * 7919) % 1_000_000).padStart(6, '0')},${20 + (i % 50)},${150 + (i % 40)}.${i % 10}0,${i % 3 ? 'no' : 'yes'},` +
    `${1950 + (i % 50)}-0${1 + (i % 9)}-11,${i % 10 ? ` Town ${i % 5}` : ''},Person ${i} has been seen ${i % 4} times`,
)}`;

async function people() {
  const { directory, description } = await files.ingest(PEOPLE);
  return { directory, description, plan: proposePlan(description) };
}

async function batchesOf(directory: string, plan: ReturnType<typeof proposePlan>, size: number): Promise<TableBatch[]> {
  return collect((await openTable(directory)).source({ plan, withProfile: true }).batches(size));
}

async function collect(batches: AsyncIterable<TableBatch>): Promise<TableBatch[]> {
  const all: TableBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

async function write(batchSize: number, seed = 9) {
  const { directory, description, plan } = await people();
  const target = await files.folder();
  const writer = await createTableWriter({ directory: target, plan, description, seed });
  for (const batch of await batchesOf(directory, plan, batchSize)) await writer.append(batch);
  return { real: directory, target, written: await writer.finish() };
}

/** The learned columns of exported text. */
function learnedCells(text: string): string[] {
  return text.split('\n').map((line) => line.split(',').slice(2, 7).join());
}

describe('the plan', () => {
  test('sets identifiers and text aside', async () => {
    const { plan } = await people();
    expect(plan.columns.map(({ schema, role }) => `${schema.kind} ${role}`)).toEqual([
      'identifier set-aside',
      'identifier set-aside',
      'integer learned',
      'continuous learned',
      'boolean learned',
      'datetime learned',
      'categorical learned',
      'text set-aside',
    ]);
    expect(learnedSchema(plan).columns.map(({ name }) => name)).toEqual(['age', 'height', 'smoker', 'born', 'town']);
  });

  test('takes the owner’s decisions', async () => {
    const { plan } = await people();
    const changed = applyOverrides(plan, [
      { column: 'age', kind: 'categorical', categories: ['20', '21'] },
      { column: 'height', bounds: [100, 250] },
      { column: 'town', kind: 'identifier' },
    ]);
    expect(changed.columns[2]!.schema).toEqual({
      name: 'age',
      kind: 'categorical',
      nullable: false,
      categories: ['20', '21'],
    });
    expect(changed.columns[3]!.schema.bounds).toEqual([100, 250]);
    expect(changed.columns[6]!.role).toBe('set-aside');
  });

  test.each([
    [{ column: 'nobody' }, 'unknown_column', 'columns.nobody'],
    [{ column: 'town', kind: 'continuous' }, 'impossible_kind', 'columns.town.kind'],
    [{ column: 'town', bounds: [0, 1] }, 'invalid_override', 'columns.town.bounds'],
    [{ column: 'age', bounds: [2, 1] }, 'invalid_override', 'columns.age.bounds'],
    [{ column: 'age', categories: ['1'] }, 'invalid_override', 'columns.age.categories'],
    [{ column: 'town', nullable: false }, 'invalid_override', 'columns.town.nullable'],
  ] as const)('refuses %j', async (override, code, field) => {
    const { plan } = await people();
    const attempt = () => applyOverrides(plan, [override]);
    expect(attempt).toThrow(TableError);
    expect(attempt).toThrow(expect.objectContaining({ code, field }));
  });
});

describe('the source', () => {
  test('gives the cells as numbers and codes', async () => {
    const { directory, plan } = await people();
    const [age, height, smoker, born, town] = await readColumns(directory, { plan, withProfile: true }, 700);
    expect([age!.length, age![7], height![7], smoker![6], smoker![7]]).toEqual([3000, 27, 157.7, 1, 0]);
    expect(born![2]).toBe(Date.UTC(1952, 2, 11));
    expect([town![1], town![10]]).toEqual([' Town 1', null]);
  });

  test('orders a dictionary by frequency, then by text', async () => {
    const { directory, description } = await files.ingest('a,b\nx,1\nb,1\nx,1\na,1\nc,1\nc,1\nx,1\n');
    const [batch] = await batchesOf(directory, proposePlan(description), 100);
    expect(batch!.columns[0]).toMatchObject({ dictionary: ['x', 'c', 'a', 'b'] });
  });

  test('parts the rows by seed and position, each row in one part', async () => {
    const { directory, plan } = await people();
    const table = await openTable(directory);
    const read = async (part: 'train' | 'holdout', seed = 5) =>
      (await readColumns(directory, { plan, withProfile: false, selection: { fraction: 0.2, seed, part } }, 999))[1]!;
    const [train, holdout, other] = [await read('train'), await read('holdout'), await read('holdout', 6)];
    const whole = (await readColumns(directory, { plan, withProfile: false }))[1]!;
    expect([...train, ...holdout].toSorted()).toEqual([...whole].toSorted());
    expect(holdout.length).toBe(table.rowCount({ fraction: 0.2, seed: 5, part: 'holdout' }));
    // Binomial(3000, 0.2): four standard deviations are 88 rows, exceeded once in 16,000 seeds.
    expect(Math.abs(holdout.length - 600)).toBeLessThan(88);
    expect(other).not.toEqual(holdout);
  });

  test('shows a part no value that only the other part has', async () => {
    const { directory, description } = await files.ingest(`a,b\n${lines(60, (i) => `w${Math.floor(i / 4)},1`)}`);
    const plan = proposePlan(description);
    const table = await openTable(directory);
    const selection = { fraction: 0.7, seed: 3, part: 'train' } as const;
    const [batch] = await collect(table.source({ plan, withProfile: true, selection }).batches(100));
    const column = batch!.columns[0] as { codes: Int32Array; dictionary: readonly string[] };
    expect(new Set(column.codes)).toEqual(new Set(column.dictionary.keys()));
    expect(column.dictionary.length).toBeLessThan(15);
  });

  test('withholds the profile when asked to', async () => {
    const { directory, plan } = await people();
    const table = await openTable(directory);
    expect(table.source({ plan, withProfile: false }).profile).toBeNull();
    expect(table.source({ plan, withProfile: true }).profile).toMatchObject({
      rowCount: 3000,
      columns: [
        { minimum: 20, maximum: 69, distinctCount: 50 },
        { decimalPlaces: 2 },
        {},
        {},
        { missingFraction: 1 - 2700 / 3000 },
      ],
    });
  });
});

describe('the writer', () => {
  test('spells learned columns as the real table does', async () => {
    const { real, target, written } = await write(1000);
    expect(learnedCells(await files.export(target, 'csv'))).toEqual(learnedCells(await files.export(real, 'csv')));
    expect(written).toMatchObject({ rowCount: 3000, format: 'csv' });
    expect(columnOf(written, 'age')).toMatchObject({ minimum: 20, maximum: 69, distinctCount: 50 });
  });

  test('fills what was set aside with fresh values of the same pattern', async () => {
    const { real, target } = await write(1000);
    const [old, fresh] = [await previewRows(real, 0, 3000), await previewRows(target, 0, 3000)];
    for (const column of [0, 1, 7]) {
      const known = new Set(old.map((row) => row[column]));
      expect(fresh.filter((row) => known.has(row[column]!))).toEqual([]);
      expect(new Set(fresh.map((row) => row[column])).size).toBe(3000);
    }
    for (const row of fresh) expect(row[1]).toMatch(/^AB-\d{6}$/);
  });

  test('makes the same rows of batches of any size, and others of another seed', async () => {
    const [a, b, c] = [await write(3000), await write(7), await write(3000, 10)];
    const text = await files.export(a.target, 'csv');
    expect(await files.export(b.target, 'csv')).toBe(text);
    expect(await files.export(c.target, 'csv')).not.toBe(text);
    expect(await readFile(`${a.target}/table.json`, 'utf8')).toBe(await readFile(`${b.target}/table.json`, 'utf8'));
  });

  test('never repeats or reuses a code where few are left', async () => {
    const { directory, description } = await files.ingest(
      `code,x\n${lines(900, (i) => `k${String(i).padStart(3, '0')},${i % 9}`)}`,
    );
    const plan = proposePlan(description);
    expect(plan.columns[0]!.role).toBe('set-aside');
    const target = await files.folder();
    const writer = await createTableWriter({ directory: target, plan, description, seed: 1 });
    for (const batch of await batchesOf(directory, plan, 100)) await writer.append(batch);
    await writer.finish();
    const [old, fresh] = [await previewRows(directory, 0, 900), await previewRows(target, 0, 900)];
    const all = new Set([...old, ...fresh].map((row) => row[0]));
    expect(all.size).toBe(1800);
  });

  test('refuses batches that do not fit', async () => {
    const { description, plan } = await people();
    await using writer = await createTableWriter({ directory: await files.folder(), plan, description, seed: 1 });
    await expect(writer.append({ rowCount: 0, columns: [] })).rejects.toMatchObject({ code: 'batch_mismatch' });
  });
});
