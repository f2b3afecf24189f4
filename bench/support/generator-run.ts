/**
 * One run of a generator as a trainer process does it, in a process of its own, so that the peak of memory is the run's:
 * `generator-run.js PLUGIN TABLE.csv OUT.csv ROWS THREADS CONFIG` stores the table, learns it, writes so many rows, and
 * prints the cost as JSON. Storing the table is not counted.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute } from '../../src/core/compute/index.js';
import { runGenerate } from '../../src/core/generators/generate.task.js';
import { testContext } from '../../src/core/plugin-api/testing/index.js';
import { loadPlugins } from '../../src/core/plugin-host/index.js';
import { exportTable, ingestTable } from '../../src/core/tables/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';

export interface GenerationCost {
  /** Seconds of the wall's clock, and of all threads' CPU time, until the last row is written. */
  readonly wall: number;
  readonly cpu: number;
  readonly peakMebibytes: number;
}

const [pluginId, table, out, rows, threads, config] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'generator-run-'));
const [datasetFolder, modelFolder, scratch] = ['dataset', 'model', 'scratch'].map((name) => join(folder, name));
for (const path of [datasetFolder!, modelFolder!, scratch!]) mkdirSync(path);
await ingestTable({ path: table!, filename: 'table.csv', directory: datasetFolder! });

const plugins = await loadPlugins({ builtIn: builtInPlugins, extra: [] });
const { configSchema } = plugins.generator(pluginId!)!;
const { signal, checkpoints, logger, report, tick } = testContext();
const task = {
  kind: 'generate',
  pluginId: pluginId!,
  seed: 1,
  seedGiven: false,
  modelFolder: modelFolder!,
  numRows: Number(rows),
  conditions: [],
  distribution: null,
  config: configSchema.parse(JSON.parse(config!)),
  datasetFolder: datasetFolder!,
  overrides: [],
  holdoutFraction: 0,
  baseFolder: null,
} as const;
const env = { scratch: scratch!, checkpointFolder: scratch!, signal, checkpoints, logger, report, tick };
const host = { plugins, createCompute: () => createCompute({ threads: Number(threads) }) };

const start = performance.now();
const startCpu = process.cpuUsage();
await runGenerate(task, env, host);
const wall = (performance.now() - start) / 1e3;
const { user, system } = process.cpuUsage(startCpu);
const cost: GenerationCost = {
  wall,
  cpu: (user + system) / 1e6,
  peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
};
await exportTable(join(scratch!, 'rows'), 'csv', out!);
rmSync(folder, { recursive: true });
console.log(JSON.stringify(cost));
