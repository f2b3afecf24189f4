import { createCompute } from '../../src/core/compute/index.js';
import type { TableBatch } from '../../src/core/plugin-api/index.js';
import { testContext } from '../../src/core/plugin-api/testing/index.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import { adultTable } from '../../test/support/adult.js';
import { writeCsv } from './adult-scores.js';

export interface DpCtganRun {
  /** Milliseconds: mean of all steps but the first tenth, everything included. */
  readonly stepMs: number;
  /** The same of CPU time, all threads: steadier than the wall's on a machine that others use. */
  readonly stepCpuMs: number;
  readonly fitMs: number;
  readonly sampleMs: number;
  /** Resident memory at the end of training. */
  readonly memoryMb: number;
  readonly spent: number;
}

/** Trains on the adult table with the defaults, but for epsilon, and writes as many rows. */
export async function runDpCtgan(options: {
  readonly epsilon: number;
  readonly seed: number;
  readonly threads: number;
  readonly out: string;
}): Promise<DpCtganRun> {
  const source = { ...adultTable(), profile: null };
  const compute = await createCompute({ executor: 'onnx-cpu', threads: options.threads });
  let warm = { step: 0, at: 0, cpu: 0 };
  let last = warm;
  const context = testContext({
    seed: options.seed,
    compute,
    onProgress({ phase, completed, total }) {
      if (phase !== 'train') return;
      last = { step: completed, at: performance.now(), cpu: process.cpuUsage().user / 1000 };
      if (warm.step === 0 && completed >= total / 10) warm = last;
    },
  });
  const runtime = await dpCtgan.loadRuntime();
  const start = performance.now();
  const config = dpCtgan.configSchema.parse({ epsilon: options.epsilon });
  const model = await runtime.fit({ source, config }, context);
  const fitted = performance.now();
  const memoryMb = process.memoryUsage().rss / 1e6;
  const batches: TableBatch[] = [];
  for await (const batch of model.sample({ rowCount: 32_561, batchSize: 4096 }, context)) batches.push(batch);
  const sampleMs = performance.now() - fitted;
  writeCsv(options.out, source.schema, batches);
  model.dispose();
  return {
    stepMs: (last.at - warm.at) / (last.step - warm.step),
    stepCpuMs: (last.cpu - warm.cpu) / (last.step - warm.step),
    fitMs: fitted - start,
    sampleMs,
    memoryMb,
    spent: model.summary.privacySpent!.epsilon,
  };
}
