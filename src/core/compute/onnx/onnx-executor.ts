import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { EntryPoint, ProgramSet, ProgramSetSpec, Shapes } from '../../plugin-api/index.js';
import { ComputeError } from '../compute-error.js';
import type { Executor, ExecutorOptions } from '../executor.js';
import { absorbBroadcasts } from '../recording/absorb-broadcasts.js';
import { fuseBounds } from '../recording/fuse-bounds.js';
import { fuseProducts } from '../recording/fuse-products.js';
import { type Graph, withoutDeadEnds } from '../recording/graph.js';
import { joinSlices } from '../recording/join-slices.js';
import { multiplicationsPerKernel } from '../recording/multiplications.js';
import { recordStep } from '../recording/record-step.js';
import { scatterSums } from '../recording/scatter-sums.js';
import { splitUpdates } from '../updates/split-updates.js';
import { UpdateProgram } from '../updates/update-program.js';
import { OnnxProgramSet, type OnnxEntry } from './onnx-program-set.js';
import { writeGraph } from './write-graph.js';

export type OnnxProvider = 'cpu' | 'webgpu' | 'cuda';

/**
 * From so many multiplications a kernel on, a second thread is worth waking: ten microseconds of one core. Of smaller kernels it
 * takes a third more CPU time and saves nothing, or loses (docs/adr/0023).
 */
const WORTH_SHARING = 1e6;

/** Threads spin from kernel to kernel, not while the caller works between runs: by default they would take its time. */
const SPINNING = { intra_op: { allow_spinning: '1', spin_duration_us: '50' }, force_spinning_stop: '1' };

/** Compiles recorded steps with ONNX Runtime, each as one graph. */
export async function createOnnxExecutor(provider: OnnxProvider, options: ExecutorOptions): Promise<Executor> {
  const name = `onnx-${provider}`;
  const runtime = await import('onnxruntime-node').catch((cause: unknown) => {
    throw new ComputeError(name, 'onnxruntime-node could not be loaded', { cause });
  });
  if (provider === 'cuda' && !(await hasCudaProvider())) {
    throw new ComputeError(name, "its library is not here: let onnxruntime-node's install script fetch it");
  }
  const session: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    interOpNumThreads: 1,
    // Warnings speak of kernels that run on the CPU although another provider was asked for: expected for shapes.
    logSeverityLevel: 3,
    extra: { session: options.spinning ? SPINNING : { intra_op: { allow_spinning: '0' } } },
  };

  async function compileEntry(entryName: string, graph: Graph): Promise<InferenceSession> {
    const intraOpNumThreads = multiplicationsPerKernel(graph) < WORTH_SHARING ? 1 : options.threads;
    const model = writeGraph(name, fused(graph), intraOpNumThreads);
    try {
      return await runtime.InferenceSession.create(model, { ...session, intraOpNumThreads });
    } catch (cause) {
      throw new ComputeError(name, `"${entryName}" could not be compiled: ${(cause as Error).message}`, { cause });
    }
  }

  return {
    async compileSet<Entry extends string>(
      spec: ProgramSetSpec<Entry>,
      between: () => Promise<void>,
    ): Promise<ProgramSet<Entry>> {
      const whole: Record<string, Graph> = {};
      for (const [entryName, entry] of Object.entries<EntryPoint>(spec.entries)) {
        const graph = recordStep(options.tf, name, entryName, spec.state, entry);
        whole[entryName] = withoutDeadEnds(absorbBroadcasts(graph));
        await between();
      }
      // Other providers keep their tensors away from memory that updates could work on.
      const { graphs, updates } =
        provider === 'cpu' ? await apartFromUpdates(spec.state, whole) : { graphs: whole, updates: null };
      const entries: Record<string, OnnxEntry> = {};
      for (const [entryName, graph] of Object.entries(graphs)) {
        const compiled = await compileEntry(entryName, graph);
        entries[entryName] = {
          session: compiled,
          shapes: spec.entries[entryName as Entry].inputs,
          used: new Set(compiled.inputNames),
          newState: Object.keys(shapesAfter('next:', graph)),
          outputs: shapesAfter('output:', graph),
        };
        await between();
      }
      return new OnnxProgramSet(name, runtime.Tensor, spec.state, entries, updates);
    },
  };
}

/** With fewer passes over memory. */
function fused(graph: Graph): Graph {
  return joinSlices(fuseBounds(scatterSums(fuseProducts(graph))));
}

/** Graphs of a set without their updates; whole where there are none, or more than one memory can hold. */
async function apartFromUpdates(
  state: Shapes,
  whole: Readonly<Record<string, Graph>>,
): Promise<{ readonly graphs: Readonly<Record<string, Graph>>; readonly updates: UpdateProgram | null }> {
  const split = Object.entries(whole).map(([entry, graph]) => ({ entry, ...splitUpdates(graph) }));
  const found = split.flatMap(({ entry, updates }) => (updates === null ? [] : [[entry, updates] as const]));
  const updates = found.length > 0 ? await UpdateProgram.create(state, Object.fromEntries(found)) : null;
  if (updates === null) return { graphs: whole, updates };
  return { graphs: Object.fromEntries(split.map(({ entry, graph }) => [entry, graph])), updates };
}

/** Shapes of the outputs whose names begin so, by the rest of their names. */
function shapesAfter(prefix: string, { outputs }: Graph): Shapes {
  const found = Object.entries(outputs).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, { shape }]) => [name.slice(prefix.length), shape]));
}

/** Asked before ONNX Runtime is, which would print errors of its own. */
async function hasCudaProvider(): Promise<boolean> {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  const file = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return access(join(folder, file)).then(
    () => true,
    () => false,
  );
}
