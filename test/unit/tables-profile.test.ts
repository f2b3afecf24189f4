import { readdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../src/core/tables/database.js';
import { ingestTable, profileTable } from '../../src/core/tables/index.js';
import { lines, TableFiles } from '../fixtures/tables/table-files.js';

let files: TableFiles;
beforeAll(async () => void (files = await TableFiles.create()));
afterAll(() => files[Symbol.asyncDispose]());

test('the profile tells quantiles, frequent values and correlations, and no rare value', async () => {
  const { directory } = await files.ingest(
    `a,b,c\n${lines(1000, (i) => `${i % 100},${2 * (i % 100) + 1}.5,${i === 7 ? 'rare' : `w${i % 3}`}`)}`,
  );
  const profile = await profileTable(directory);
  expect(profile.columns[0]!.numeric).toMatchObject({
    minimum: 0,
    median: 49.5,
    lowerQuartile: 24.75,
    maximum: 99,
    mean: 49.5,
  });
  expect(profile.columns[2]!.topValues).toEqual([
    { value: 'w0', count: 334 },
    { value: 'w2', count: 333 },
    { value: 'w1', count: 332 },
  ]);
  expect(profile.correlations.columns).toEqual(['a', 'b']);
  expect(profile.correlations.values[0]![1]).toBeCloseTo(1, 12);
});

test('a database reaches its own folders alone, and cannot be set free', async () => {
  const [own, other] = [await files.folder(), await files.folder()];
  await writeFile(`${other}/secret.csv`, 'a\n1\n');
  await using database = await Database.open({ directories: [own], workDirectory: own, columnCount: 1 });
  await expect(database.run(`SELECT * FROM read_csv('${other}/secret.csv')`)).rejects.toThrow(/Permission/);
  await expect(database.run(`COPY (SELECT 1) TO '${other}/x.csv'`)).rejects.toThrow(/Permission/);
  await expect(database.run(`SET enable_external_access = true`)).rejects.toThrow(/locked|configuration/);
  await expect(database.run(`INSTALL httpfs`)).rejects.toThrow(/disabled/);
});

test('an upload that is called off leaves no table and no scratch file', async () => {
  const directory = await files.folder();
  const path = `${directory}/original`;
  await writeFile(path, `a,b\n${lines(200_000, (i) => `${i},x${i}`)}`);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  await expect(ingestTable({ path, filename: 'p.csv', directory, signal: abort.signal })).rejects.toThrow(/abort/);
  expect((await readdir(directory)).filter((name) => name !== 'original' && name !== 'table.parquet')).toEqual([]);
});
