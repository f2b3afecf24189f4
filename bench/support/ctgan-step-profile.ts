import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ort, { InferenceSession } from 'onnxruntime-node';
import { createCompute } from '../../src/core/compute/index.js';
import type { TableSource } from '../../src/core/plugin-api/index.js';
import { testContext } from '../../src/core/plugin-api/testing/index.js';
import { ctganConfig } from '../../src/plugins/ctgan/config.js';
import { adam } from '../../src/plugins/ctgan/runtime/optimiser.js';
import { BatchMaker } from '../../src/plugins/ctgan/runtime/batch-maker.js';
import { initialWeights } from '../../src/plugins/ctgan/runtime/initial-weights.js';
import { layoutOf } from '../../src/plugins/ctgan/runtime/layout.js';
import { encodeTable } from '../../src/plugins/ctgan/runtime/table-encoding.js';
import { compileTraining } from '../../src/plugins/ctgan/runtime/training-programs.js';
import { readTable } from '../../src/plugins/ctgan/runtime/training-table.js';

const STEPS = 60;
const WARM = 10;

/** Where a training step on one thread goes: ONNX Runtime's own profile by operator, and our JavaScript around it. */
export async function printStepProfile(source: TableSource, folder: string): Promise<void> {
  const prefix = join(folder, 'step');
  const { totalMs, batchMs } = await profiledSteps(source, prefix);
  const byOperator = new Map<string, number>();
  for (const file of readdirSync(folder).filter((name) => name.startsWith('step'))) {
    for (const { cat, name, dur, args } of JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProfileEvent[]) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
      const operator = args.op_name === 'MatMul' || args.op_name.endsWith('Gemm') ? 'Gemm' : args.op_name;
      byOperator.set(operator, (byOperator.get(operator) ?? 0) + dur / 1000 / STEPS);
    }
  }
  const kernels = [...byOperator.values()].reduce((sum, ms) => sum + ms, 0);
  const gemm = byOperator.get('Gemm') ?? 0;
  console.log(`\nA step on one thread, profiled (which slows it): ${totalMs.toFixed(1)} ms`);
  console.log(`  making the batch (JavaScript): ${batchMs.toFixed(1)} ms`);
  console.log(`  products of matrices: ${gemm.toFixed(1)} ms`);
  console.log(`  other kernels: ${(kernels - gemm).toFixed(1)} ms`);
  console.log(`  updates, and around the kernels: ${(totalMs - batchMs - kernels).toFixed(1)} ms`);
  const largest = [...byOperator].filter(([name]) => name !== 'Gemm').toSorted((a, b) => b[1] - a[1]);
  console.log(
    `  the largest others: ${largest
      .slice(0, 6)
      .map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
      .join(', ')}`,
  );
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name: string };
}

/** Mean milliseconds of a step, of which those for making its batches. */
async function profiledSteps(source: TableSource, prefix: string): Promise<{ totalMs: number; batchMs: number }> {
  const create = ort.InferenceSession.create.bind(ort.InferenceSession) as (
    model: Uint8Array,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  const compute = await createCompute({ executor: 'onnx-cpu' });
  const context = testContext({ compute });
  const config = ctganConfig.parse({});
  const { encoding, encoded } = await encodeTable(await readTable(source, context), context);
  const layout = layoutOf(encoding);
  const sessions: InferenceSession[] = [];
  ort.InferenceSession.create = (async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const session = await create(model, { ...options, enableProfiling: true, profileFilePrefix: prefix });
    sessions.push(session);
    return session;
  }) as typeof ort.InferenceSession.create;
  const programs = await compileTraining(context, layout, config);
  ort.InferenceSession.create = create as typeof ort.InferenceSession.create;
  await programs.setState(initialWeights(layout, config, 1));
  const batches = new BatchMaker(layout, config, encoding, encoded, 1);
  let [batchMs, start] = [0, 0];
  for (let step = 0; step < STEPS; step++) {
    if (step === WARM) [batchMs, start] = [0, performance.now()];
    for (const entry of ['critic', 'generator'] as const) {
      const before = performance.now();
      const feed = { ...batches[entry](2 * step), ...adam.scalars(2e-4, step + 1) };
      batchMs += performance.now() - before;
      await programs.run(entry, feed);
    }
  }
  const totalMs = (performance.now() - start) / (STEPS - WARM);
  for (const session of sessions) session.endProfiling();
  programs.dispose();
  return { totalMs, batchMs: batchMs / (STEPS - WARM) };
}
