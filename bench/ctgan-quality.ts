/**
 * Quality of CTGAN on the adult table beside the reference's: SDMetrics' score by both rules, column shapes, and a classifier
 * told to tell the rows apart. Arguments: --seeds 1,2,3 --epochs 2,30,100 --threads 2 --who ours (or reference). By
 * default one seed, 2 epochs and both; the whole comparison takes hours. Scores need PEER_PYTHON_SDV, a Python with `ctgan` and
 * `sdmetrics`.
 * Run from the repository's root: npm run bench -- ctgan-quality, or node dist-bench/bench/ctgan-quality.js ARGUMENTS.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adultTable } from '../test/support/adult.js';
import { runCtgan } from './support/ctgan-run.js';

const TABLE = 'assets/adult.csv';

interface Scores {
  readonly strongPairs: number;
  readonly allPairs: number;
  readonly shapes: number;
  readonly auc: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    who: { type: 'string', default: 'ours,reference' },
  },
});
/** Train, write as many rows to `out` as the table has, and tell the milliseconds of the fit. */
const FITS = { ours: fitOurs, reference: fitReference };
const sides = values.who.split(',');
const unknown = sides.find((who) => !(who in FITS));
if (unknown !== undefined) throw new Error(`--who is ours, reference or both, not "${unknown}"`);
const python = process.env['PEER_PYTHON_SDV'];
const numbers = (text: string) => text.split(',').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'bench-ctgan-quality-'));

if (python === undefined) console.log('Nothing to score with: PEER_PYTHON_SDV is not set.');
else {
  try {
    for (const epochs of numbers(values.epochs)) await compare(python, epochs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(command: string, epochs: number): Promise<void> {
  const all: Record<'ours' | 'reference', Scores[]> = { ours: [], reference: [] };
  for (const seed of numbers(values.seeds)) {
    for (const who of ['ours', 'reference'] as const) {
      if (!sides.includes(who)) continue;
      const out = join(folder, `${who}.csv`);
      const seconds = (await FITS[who](out, epochs, seed, command)) / 1000;
      all[who].push(score(command, out, `${who}, ${epochs} epochs, seed ${seed}, ${seconds.toFixed(0)} s`));
    }
  }
  for (const [who, scores] of Object.entries(all)) {
    if (scores.length > 1) print(`${who}, ${epochs} epochs, mean of ${scores.length} seeds`, meanOf(scores));
  }
}

async function fitOurs(out: string, epochs: number, seed: number): Promise<number> {
  const { fitMs } = await runCtgan(adultTable(), { threads: Number(values.threads), epochs, seed, out });
  return fitMs;
}

async function fitReference(out: string, epochs: number, seed: number, command: string): Promise<number> {
  const args = ['bench/peers/ctgan_reference.py', TABLE, out, values.threads, epochs, seed].map(String);
  const told = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return (JSON.parse(told.trim().split('\n').at(-1)!) as { fitMs: number }).fitMs;
}

function score(command: string, path: string, label: string): Scores {
  const output = execFileSync(command, ['bench/peers/table_scores.py', TABLE, path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const scores = JSON.parse(output.trim().split('\n').at(-1)!) as Scores;
  print(label, scores);
  return scores;
}

function meanOf(scores: readonly Scores[]): Scores {
  const mean = (key: keyof Scores) => scores.reduce((sum, one) => sum + one[key], 0) / scores.length;
  return { strongPairs: mean('strongPairs'), allPairs: mean('allPairs'), shapes: mean('shapes'), auc: mean('auc') };
}

function print(label: string, { strongPairs, allPairs, shapes, auc }: Scores): void {
  const quality = `quality ${strongPairs.toFixed(4)} (strong pairs) ${allPairs.toFixed(4)} (all pairs)`;
  console.log(`${label}: ${quality}, shapes ${shapes.toFixed(4)}, told apart with AUC ${auc.toFixed(3)}`);
}
