/**
 * Cost of the evaluators on the adult table: boosted trees beside scikit-learn's on one thread, distances beside SDMetrics',
 * and the whole default evaluation, its report included, of the table, of 10,000 rows × 300 columns and of 1,000,000 × 15.
 * PEER_PYTHON_SDV names a Python that has sdmetrics (and with it scikit-learn); without it only our times are printed. Run
 * from the repository's root.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  columnNamed,
  FeatureEncoder,
  fitBoostedClassifier,
  isCoded,
  readWholeTable,
  rocAuc,
  takeRows,
  type ColumnSchema,
  type TableSource,
} from '../src/core/plugin-api/index.js';
import { type Cell, tableFromRows, testContext } from '../src/core/plugin-api/testing/index.js';
import { findNearest } from '../src/plugins/privacy/runtime/distance/nearest.js';
import { RowSpace } from '../src/plugins/privacy/runtime/distance/row-space.js';
import type { EvaluationCost } from './support/evaluation-run.js';

const ADULT = 'assets/adult.csv';
const REPETITIONS = 3;
const DISTANCE_ROWS = 2000;
const NUMBERS = new Set(['age', 'fnlwgt', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week']);

const TREES_PEER = `
import json, sys, time
import numpy as np, pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
table = pd.read_csv(sys.argv[1])
y = (table.pop("income") == " >50K").to_numpy()
for name in table:
    if not pd.api.types.is_numeric_dtype(table[name]): table[name] = table[name].astype("category")
test = np.arange(len(table)) % 5 == 0
best = (float("inf"), float("inf"))
for _ in range(${REPETITIONS}):
    wall, cpu = time.perf_counter(), time.process_time()
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", early_stopping=False).fit(table[~test], y[~test])
    best = min(best, (time.process_time() - cpu, time.perf_counter() - wall))
print(json.dumps({"cpu": best[0], "wall": best[1], "auc": roc_auc_score(y[test], model.predict_proba(table[test])[:, 1])}))
`;

const DISTANCES_PEER = `
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from sdmetrics.single_table.privacy.dcr_utils import calculate_dcr
table = pd.read_csv(sys.argv[1])
metadata = {"columns": {c: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(table[c]) else "categorical"} for c in table}}
wall, cpu = time.perf_counter(), time.process_time()
distances = calculate_dcr(table.iloc[1::2].head(${DISTANCE_ROWS}), table.iloc[::2].head(${DISTANCE_ROWS}), metadata)
print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "mean": float(distances.mean())}))
`;

interface Seconds {
  readonly wall: number;
  /** Of all threads: steadier than the wall's on a machine that others use. */
  readonly cpu: number;
}

async function main(): Promise<void> {
  const [header, ...lines] = readFileSync(ADULT, 'utf8').trimEnd().split('\n');
  const columns = header!.split(',').map((name): ColumnSchema => {
    return { name, kind: NUMBERS.has(name) ? 'integer' : 'categorical', nullable: false };
  });
  const rows = lines.map((line) =>
    line.split(',').map((cell, c) => (NUMBERS.has(columns[c]!.name) ? Number(cell) : cell)),
  );
  await benchTrees(tableFromRows(columns, rows));
  await benchDistances(columns, rows);
  benchEvaluation(rows.length, 1);
  benchEvaluation(10_000, 20);
  benchEvaluation(1_000_000, 1);
}

async function benchTrees(adult: TableSource): Promise<void> {
  const table = await readWholeTable(adult, 1e7, testContext());
  const income = columnNamed(table, 'income')!;
  if (!isCoded(income)) throw new TypeError('income is not coded');
  const labels = income.codes.map((code) => (income.dictionary[code] === ' >50K' ? 1 : 0));
  const features = new FeatureEncoder(table, new Set(['income'])).encode(table);
  const all = Uint32Array.from(labels.keys());
  const training = all.filter((row) => row % 5 !== 0);
  const test = all.filter((row) => row % 5 === 0);
  const take = (from: Uint32Array) => Int32Array.from(from, (row) => labels[row]!);
  const fit = () =>
    fitBoostedClassifier(takeRows(features, training), take(training), 2, testContext(), { earlyStoppingAbove: null });
  const ours = await fastest(fit);
  const probabilities = (await fit()).probabilities(takeRows(features, test)).filter((_, i) => i % 2 === 1);
  console.log(
    `boosted trees, ${training.length} rows: ${told(ours)}, AUC ${rocAuc(probabilities, take(test))!.toFixed(4)}`,
  );
  const theirs = peer<Seconds & { auc: number }>(TREES_PEER);
  if (theirs)
    console.log(
      `scikit-learn: ${told(theirs)}, AUC ${theirs.auc.toFixed(4)}; ours takes ${ratio(ours, theirs)} times as long`,
    );
}

async function benchDistances(columns: readonly ColumnSchema[], rows: Cell[][]): Promise<void> {
  const part = (parity: number) => rows.filter((_, i) => i % 2 === parity).slice(0, DISTANCE_ROWS);
  const read = (some: Cell[][]) => readWholeTable(tableFromRows(columns, some), 1e7, testContext());
  const [searched, asked] = [await read(part(0)), await read(part(1))];
  const space = new RowSpace(searched);
  let mean = 0;
  const ours = await fastest(async () => {
    const { distance } = await findNearest(space.place(asked), space.place(searched), testContext());
    mean = distance.reduce((sum, one) => sum + one, 0) / distance.length / space.columnCount;
  });
  console.log(`nearest of ${DISTANCE_ROWS} rows for ${DISTANCE_ROWS}: ${told(ours)}, mean ${mean.toFixed(6)}`);
  const theirs = peer<Seconds & { mean: number }>(DISTANCES_PEER);
  if (theirs)
    console.log(
      `SDMetrics: ${told(theirs)}, mean ${theirs.mean.toFixed(6)}; it takes ${ratio(theirs, ours)} times as long`,
    );
}

/** In processes of their own: the peak of memory is the evaluation's alone. */
function benchEvaluation(rows: number, copies: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-evaluation-'));
  const program = fileURLToPath(new URL('./support/evaluation-run.js', import.meta.url));
  const run = (...args: string[]) => execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  try {
    run('prepare', folder, String(rows), String(copies));
    const cost = JSON.parse(run('evaluate', folder)) as EvaluationCost;
    console.log(
      `default evaluation of ${rows} rows × ${15 * copies} columns: ${told(cost)}; peak memory ${cost.peakMebibytes} MiB`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function peer<T>(program: string): T | null {
  const python = process.env.PEER_PYTHON_SDV;
  if (python === undefined) {
    console.log('The peer was not timed: PEER_PYTHON_SDV names no Python.');
    return null;
  }
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  return JSON.parse(execFileSync(python, ['-c', program, ADULT], { encoding: 'utf8', env })) as T;
}

async function fastest(run: () => Promise<unknown>): Promise<Seconds> {
  let best: Seconds = { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY };
  for (let i = 0; i < REPETITIONS; i++) {
    const seconds = await timed(run);
    if (seconds.cpu < best.cpu) best = seconds;
  }
  return best;
}

async function timed(run: () => Promise<unknown>): Promise<Seconds> {
  const start = performance.now();
  const startCpu = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(startCpu);
  return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
}

function told({ wall, cpu }: Seconds): string {
  return `${wall.toFixed(2)} s (${cpu.toFixed(2)} s of processor time)`;
}

/** By processor time. */
function ratio(one: Seconds, two: Seconds): string {
  return (one.cpu / two.cpu).toFixed(2);
}

await main();
