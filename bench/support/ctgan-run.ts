import { writeFileSync } from 'node:fs';
import { createCompute } from '../../src/core/compute/index.js';
import type { TableBatch, TableSource } from '../../src/core/plugin-api/index.js';
import { rowsOf, testContext } from '../../src/core/plugin-api/testing/index.js';
import { ctgan } from '../../src/plugins/ctgan/index.js';

/** Milliseconds. CPU time is of all threads: steadier than the wall's on a machine that others use. */
export interface CtganTimes {
  readonly executor: string;
  /** Reading, fitting the encoder, encoding. */
  readonly encodingMs: number;
  /** Mean of all steps but the first ten, everything included. */
  readonly stepMs: number;
  readonly stepCpuMs: number;
  readonly fitMs: number;
  /** As many rows as the table has, decoded. */
  readonly sampleMs: number;
}

/** Trains on a table and samples as many rows, as the trainer does. `rows` are written as CSV where a path is given. */
export async function runCtgan(
  source: TableSource,
  options: { readonly threads: number; readonly epochs: number; readonly seed: number; readonly out?: string },
): Promise<CtganTimes> {
  const compute = await createCompute({ threads: options.threads });
  const started = performance.now();
  let encodingMs = 0;
  let steps = 0;
  let warm = { wall: 0, cpu: 0 };
  const context = testContext({
    seed: options.seed,
    compute,
    onProgress({ phase, completed, total }) {
      if (phase === 'prepare' && completed === total) encodingMs = performance.now() - started;
      if (phase === 'train' && ++steps === WARM_STEPS) warm = clock();
    },
  });
  const runtime = await ctgan.loadRuntime();
  const config = ctgan.configSchema.parse({ epochs: options.epochs });
  const model = await runtime.fit({ source, config }, context);
  const end = clock();
  const batches: TableBatch[] = [];
  const sampling = testContext({ seed: options.seed, compute });
  const rowCount = source.profile!.rowCount;
  for await (const batch of model.sample({ rowCount, batchSize: 4096 }, sampling)) batches.push(batch);
  const sampleMs = performance.now() - end.wall;
  model.dispose();
  if (options.out !== undefined) writeCsv(options.out, source, batches);
  return {
    executor: compute.executor,
    encodingMs,
    stepMs: (end.wall - warm.wall) / (steps - WARM_STEPS),
    stepCpuMs: (end.cpu - warm.cpu) / (steps - WARM_STEPS),
    fitMs: end.wall - started,
    sampleMs,
  };
}

const WARM_STEPS = 10;

function clock(): { wall: number; cpu: number } {
  return { wall: performance.now(), cpu: process.cpuUsage().user / 1000 };
}

function writeCsv(path: string, source: TableSource, batches: readonly TableBatch[]): void {
  const header = source.schema.columns.map(({ name }) => name).join(',');
  writeFileSync(path, `${[header, ...rowsOf(batches).map((row) => row.join(','))].join('\n')}\n`);
}
