/**
 * Gaps in the adult table filled by the autoregressive generator, which learns from the table with its gaps: how often a
 * filled category is the true one, how far a filled number is from it (in standard deviations), and how the filled cells
 * are distributed (1 − total variation distance, or 1 − Kolmogorov-Smirnov distance, to the true ones; the mean of all
 * columns). Beside means and modes, and beside draws from each column by itself. With PEER_PYTHON_SDV, a Python with
 * `sdmetrics`, the completed tables are scored against the whole one too.
 * Arguments: --gaps 0.2 --seed 1 --threads 2. Run from the repository's root: npm run bench -- imputation.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCompute } from '../src/core/compute/index.js';
import { type ColumnSchema, RandomStream, type TableBatch } from '../src/core/plugin-api/index.js';
import { type Cell, rowsOf, tableFromRows, testContext } from '../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../src/plugins/autoregressive/index.js';
import { adultTable } from '../test/support/adult.js';

type Rows = readonly (readonly Cell[])[];
const { values } = parseArgs({
  options: {
    gaps: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
});
const seed = Number(values.seed);
const compute = await createCompute({ threads: Number(values.threads) });
const table = adultTable();
const columns = table.schema.columns.map((column): ColumnSchema => ({ ...column, nullable: true }));
const real = rowsOf(await all(table.batches(65_536)));
const random = new RandomStream(seed, 'bench.gaps');
const gapped = real.map((row) => row.map((cell) => (random.next() < Number(values.gaps) ? null : cell)));

const source = tableFromRows(columns, gapped);
const runtime = await autoregressive.loadRuntime();
const config = autoregressive.configSchema.parse({});
const model = await runtime.fit({ source, config }, testContext({ seed, compute }));
const start = process.cpuUsage();
const filled = rowsOf(await all(model.impute!({ source }, testContext({ seed, compute }))));
const { user, system } = process.cpuUsage(start);
console.log(`${real.length} rows filled in ${((user + system) / 1e6).toFixed(2)} s of CPU time`);
model.dispose();

const present = columns.map((_, c) => gapped.map((row) => row[c]!).filter((cell) => cell !== null));
const middles = columns.map(({ kind }, c) => (kind === 'integer' ? mean(present[c] as number[]) : mode(present[c]!)));
const tables: Readonly<Record<string, Rows>> = {
  autoregressive: complete(filled),
  'means and modes': complete(gapped.map(() => middles)),
  'independent draws': complete(
    gapped.map(() => present.map((cells) => cells[Math.floor(random.next() * cells.length)]!)),
  ),
};
for (const [name, rows] of Object.entries(tables)) report(name, rows);

/** The cells that are there, and others where there is a gap. */
function complete(others: Rows): Rows {
  return gapped.map((row, i) => row.map((cell, c) => cell ?? others[i]![c]!));
}

function report(name: string, rows: Rows): void {
  const hits: number[] = [];
  const errors: number[] = [];
  const shapes: number[] = [];
  columns.forEach(({ kind }, c) => {
    const at = [...gapped.keys()].filter((i) => gapped[i]![c] === null);
    const [told, truth] = [rows, real].map((cells) => at.map((i) => cells[i]![c]!)) as [Cell[], Cell[]];
    if (kind === 'integer') {
      const spread = Math.sqrt(mean((truth as number[]).map((x) => (x - mean(truth as number[])) ** 2)));
      errors.push(mean((truth as number[]).map((x, i) => Math.abs(x - (told[i] as number)))) / spread);
      shapes.push(1 - largestGap(told as number[], truth as number[]));
    } else {
      hits.push(mean(truth.map((x, i) => Number(x === told[i]))));
      shapes.push(1 - totalVariation(told, truth));
    }
  });
  const figures = { hits: mean(hits), 'error in deviations': mean(errors), 'shape of the filled': mean(shapes) };
  const text = Object.entries({ ...figures, ...score(rows) }).map(([key, value]) => `${key} ${value.toFixed(4)}`);
  console.log(`  ${name}: ${text.join(', ')}`);
}

function score(rows: Rows): Record<string, number> {
  const python = process.env['PEER_PYTHON_SDV'];
  if (python === undefined) return {};
  const folder = mkdtempSync(join(tmpdir(), 'bench-imputation-'));
  try {
    const path = join(folder, 'filled.csv');
    const header = columns.map(({ name }) => name).join(',');
    writeFileSync(path, `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    const output = execFileSync(python, ['bench/peers/table_scores.py', 'assets/adult.csv', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { strongPairs, allPairs, auc } = JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, number>;
    return { 'strong pairs': strongPairs!, 'all pairs': allPairs!, auc: auc! };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function all(batches: AsyncIterable<TableBatch>): Promise<TableBatch[]> {
  const list: TableBatch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

function mode(cells: readonly Cell[]): Cell {
  const counts = new Map<Cell, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function totalVariation(a: readonly Cell[], b: readonly Cell[]): number {
  const shares = new Map<Cell, number>();
  for (const cell of a) shares.set(cell, (shares.get(cell) ?? 0) + 1 / a.length);
  for (const cell of b) shares.set(cell, (shares.get(cell) ?? 0) - 1 / b.length);
  return [...shares.values()].reduce((sum, share) => sum + Math.abs(share), 0) / 2;
}

/** Kolmogorov and Smirnov's distance. */
function largestGap(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [a.toSorted((p, q) => p - q), b.toSorted((p, q) => p - q)];
  let [i, j, most] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i]!, y[j]!);
    while (i < x.length && x[i]! <= at) i++;
    while (j < y.length && y[j]! <= at) j++;
    most = Math.max(most, Math.abs(i / x.length - j / y.length));
  }
  return most;
}
