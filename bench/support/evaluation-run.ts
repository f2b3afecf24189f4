/**
 * One default evaluation, as a trainer process runs it: `evaluation-run.js prepare FOLDER ROWS COPIES` stores two tables made
 * of the adult table, `evaluation-run.js evaluate FOLDER` evaluates one against the other and prints its cost as JSON. Apart,
 * so that the peak of the second is the evaluation's alone.
 *
 * The real table is the adult table, repeated where ROWS asks for more and with its 15 columns COPIES times side by side; the
 * synthetic one is its training rows. In every repetition and copy but the first of the real table, numbers are moved by a
 * few percent and a tenth of the categories is another row's: the slowest case has many near records.
 */
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runEvaluate } from '../../src/core/evaluations/evaluate.task.js';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { testContext } from '../../src/core/plugin-api/testing/index.js';
import { loadPlugins } from '../../src/core/plugin-host/index.js';
import { ingestTable } from '../../src/core/tables/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { reportFacts } from '../../test/support/report-facts.js';

export interface EvaluationCost {
  readonly wall: number;
  readonly cpu: number;
  readonly peakMebibytes: number;
}

const [header, ...lines] = readFileSync('assets/adult.csv', 'utf8').trimEnd().split('\n');
const names = header!.split(',');
const adult = lines.map((line) => line.split(','));
const isNumber = names.map((_, c) => adult.every((row) => row[c] !== '' && Number.isFinite(Number(row[c]))));

async function prepare(folder: string, rows: number, copies: number): Promise<void> {
  const stream = new RandomStream(1, 'bench.rows');
  const change = (row: readonly string[]) =>
    row.map((cell, c) => {
      if (isNumber[c]) return String(Math.round(Number(cell) * (1 + (stream.next() - 0.5) / 10)));
      return stream.next() < 0.1 ? adult[stream.nextInteger(adult.length)]![c]! : cell;
    });
  const wide = (row: readonly string[], isFirst: boolean) =>
    Array.from({ length: copies }, (_, k) => (isFirst && k === 0 ? row : change(row))).flat();
  const head = Array.from({ length: copies }, (_, k) => names.map((name) => (k === 0 ? name : `${name}_${k}`))).flat();
  const write = async (name: string, isReal: boolean) => {
    const directory = join(folder, name);
    mkdirSync(directory, { recursive: true });
    function* csv() {
      yield `${head.join(',')}\n`;
      for (let i = 0; i < rows; i++) yield `${wide(adult[i % adult.length]!, isReal && i < adult.length).join(',')}\n`;
    }
    const path = join(directory, 'table.csv');
    await pipeline(Readable.from(csv()), createWriteStream(path));
    await ingestTable({ path, filename: 'table.csv', directory });
  };
  await write('real', true);
  await write('synthetic', false);
}

const createCompute = () => Promise.reject(new Error('No evaluator uses compute'));

async function evaluate(folder: string): Promise<EvaluationCost> {
  const plugins = await loadPlugins({ builtIn: builtInPlugins, extra: [] });
  const context = testContext();
  const scratch = join(folder, 'report');
  mkdirSync(scratch, { recursive: true });
  const task = {
    kind: 'evaluate',
    evaluators: plugins.evaluators.map(({ id, configSchema }) => ({ id, config: configSchema.parse({}) })),
    datasetFolder: join(folder, 'real'),
    outputFolder: join(folder, 'synthetic'),
    overrides: [],
    holdout: { fraction: 0.1, seed: 1 },
    seed: 1,
    targetColumn: null,
    sensitiveColumns: [],
    facts: reportFacts(),
  } as const;
  const { signal, checkpoints, logger, report, tick } = context;
  const env = { scratch, checkpointFolder: scratch, signal, checkpoints, logger, report, tick };
  const start = performance.now();
  const startCpu = process.cpuUsage();
  await runEvaluate(task, env, { plugins, createCompute });
  const { user, system } = process.cpuUsage(startCpu);
  return {
    wall: (performance.now() - start) / 1e3,
    cpu: (user + system) / 1e6,
    peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

const [mode, folder, rows, copies] = process.argv.slice(2);
if (mode === 'prepare') await prepare(folder!, Number(rows), Number(copies));
else console.log(JSON.stringify(await evaluate(folder!)));
