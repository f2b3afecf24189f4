/**
 * The autoregressive generator on the adult table: from the first byte of the file to a trained model, rows by the table's
 * number and by the million, and what they are worth. Three comparisons: all rows learned and scored against; one half
 * learned, the other scored against (with the first half's own score beside it); rows under a condition against the real
 * rows that meet it. Arguments: --seeds 1,2,3 --threads 2. Scores need PEER_PYTHON_SDV, a Python with `sdmetrics`.
 * Run from the repository's root: npm run bench -- autoregressive.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCompute } from '../src/core/compute/index.js';
import {
  type Condition,
  type FittedModel,
  RandomStream,
  type TableBatch,
  type TableSource,
} from '../src/core/plugin-api/index.js';
import { rowsOf, tableFromRows, testContext } from '../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../src/plugins/autoregressive/index.js';
import { adultTable } from '../test/support/adult.js';

const TABLE = 'assets/adult.csv';
const MILLION = 1_000_000;
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1,2,3' }, threads: { type: 'string', default: '2' } },
});
const python = process.env['PEER_PYTHON_SDV'];
const folder = mkdtempSync(join(tmpdir(), 'bench-autoregressive-'));
const compute = await createCompute({ threads: Number(values.threads) });

try {
  if (python === undefined) console.log('No scores: PEER_PYTHON_SDV names no Python that has sdmetrics.');
  for (const seed of values.seeds.split(',').map(Number)) await measure(seed);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(seed: number): Promise<void> {
  console.log(`seed ${seed}, ${compute.executor}, ${values.threads} threads`);
  const { model, source } = await timed('  from the first byte to a trained model', async () => {
    const table = adultTable();
    return { source: table, model: await fit(table, seed) };
  });
  const rowCount = source.profile!.rowCount;
  const rows = await timed(`  ${rowCount} rows`, () => draw(model, rowCount, seed));
  await timed(`  ${MILLION} rows`, () => count(model, seed));
  score('  all rows', TABLE, write('all.csv', source, rows));
  await underCondition(model, source, seed);
  model.dispose();
  await halves(source, seed);
}

async function underCondition(model: FittedModel, source: TableSource, seed: number): Promise<void> {
  const lines = readFileSync(TABLE, 'utf8').trimEnd().split('\n');
  const real = lines.filter((line, i) => i === 0 || line.endsWith('>50K'));
  const path = join(folder, 'real-high.csv');
  writeFileSync(path, `${real.join('\n')}\n`);
  const value = lines
    .find((line) => line.endsWith('>50K'))!
    .split(',')
    .at(-1)!;
  const drawn = await timed(`  ${real.length - 1} rows of income >50K`, () =>
    draw(model, real.length - 1, seed, [{ column: 'income', value }]),
  );
  score('  income >50K, against the real rows of it', path, write('high.csv', source, drawn));
}

async function halves(source: TableSource, seed: number): Promise<void> {
  const all = rowsOf(await allOf(source));
  const rows = Array.from(new RandomStream(seed, 'bench.halves').shuffle([...all.keys()]), (row) => all[row]!);
  const middle = Math.floor(rows.length / 2);
  const [learned, held] = [rows.slice(0, middle), rows.slice(middle)].map((part) =>
    tableFromRows(source.schema.columns, part),
  ) as [TableSource, TableSource];
  const model = await fit(learned, seed);
  const drawn = write('half.csv', source, await draw(model, rows.length - middle, seed));
  model.dispose();
  const real = write('held.csv', source, await allOf(held));
  score('  half learned, against the other half', real, drawn);
  score('  the real first half, against the other half', real, write('learned.csv', source, await allOf(learned)));
}

async function fit(source: TableSource, seed: number): Promise<FittedModel> {
  const runtime = await autoregressive.loadRuntime();
  return runtime.fit({ source, config: autoregressive.configSchema.parse({}) }, testContext({ seed, compute }));
}

async function draw(
  model: FittedModel,
  rowCount: number,
  seed: number,
  conditions: readonly Condition[] = [],
): Promise<TableBatch[]> {
  const batches: TableBatch[] = [];
  const request = { rowCount, batchSize: 16_384, conditions };
  for await (const batch of model.sample(request, testContext({ seed, compute }))) batches.push(batch);
  return batches;
}

async function count(model: FittedModel, seed: number): Promise<number> {
  let rows = 0;
  const request = { rowCount: MILLION, batchSize: 16_384 };
  for await (const batch of model.sample(request, testContext({ seed, compute }))) rows += batch.rowCount;
  return rows;
}

async function allOf(source: TableSource): Promise<TableBatch[]> {
  const batches: TableBatch[] = [];
  for await (const batch of source.batches(65_536)) batches.push(batch);
  return batches;
}

function write(name: string, { schema }: TableSource, batches: readonly TableBatch[]): string {
  const path = join(folder, name);
  const lines = rowsOf(batches).map((row) => row.map((cell) => cell ?? '').join(','));
  writeFileSync(path, `${schema.columns.map((column) => column.name).join(',')}\n${lines.join('\n')}\n`);
  return path;
}

function score(label: string, real: string, synthetic: string): void {
  if (python === undefined) return;
  const output = execFileSync(python, ['bench/peers/table_scores.py', real, synthetic], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const scores = JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, number>;
  const told = ['strongPairs', 'allPairs', 'shapes', 'auc'].map((name) => `${name} ${scores[name]!.toFixed(4)}`);
  console.log(`${label}: ${told.join(', ')}`);
}

async function timed<T>(label: string, run: () => Promise<T>): Promise<T> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);

  console.log(`${label}: ${seconds(performance.now() - wall)} s, ${seconds((user + system) / 1000)} s of CPU time`);
  return result;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
