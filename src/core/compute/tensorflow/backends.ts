import type * as tf from '@tensorflow/tfjs-core';
import { ComputeError } from '../compute-error.js';
import type { Executor, ExecutorOptions } from '../executor.js';
import { createTfjsExecutor } from './tfjs-executor.js';

/** TensorFlow.js in plain JavaScript: slow, and the reference that the others are compared with. */
export async function createCpuExecutor({ tf: library }: ExecutorOptions): Promise<Executor> {
  await importBackend('cpu', () => import('@tensorflow/tfjs-backend-cpu'));
  await activate('cpu', 'cpu', library);
  return createTfjsExecutor('cpu', 'cpu', library);
}

/** TensorFlow.js in WebAssembly. */
export async function createWasmExecutor({ tf: library, threads }: ExecutorOptions): Promise<Executor> {
  const wasm = await importBackend('wasm', () => import('@tensorflow/tfjs-backend-wasm'));
  wasm.setThreadsCount(threads);
  await activate('wasm', 'wasm', library);
  addSegmentSum(library);
  return createTfjsExecutor('wasm', 'wasm', library);
}

/** The one kernel of ours that the WebAssembly backend lacks: the gradient of a look-up. */
function addSegmentSum(library: typeof tf): void {
  if (library.getKernel('UnsortedSegmentSum', 'wasm') !== undefined) return;
  library.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const storage = backend as {
        readSync(id: object): Float32Array;
        write(v: Float32Array, s: number[], d: string): object;
      };
      const [x, segmentIds] = [inputs['x']!, inputs['segmentIds']!];
      const shape = [attrs!['numSegments'] as number, ...x.shape.slice(1)];
      const width = library.util.sizeFromShape(x.shape.slice(1));
      const sums = new Float32Array(library.util.sizeFromShape(shape));
      const values = storage.readSync(x.dataId);
      storage.readSync(segmentIds.dataId).forEach((segment, row) => {
        for (let i = 0; i < width; i++) sums[segment * width + i]! += values[row * width + i]!;
      });
      return { dataId: storage.write(sums, shape, x.dtype), shape, dtype: x.dtype };
    },
  });
}

async function importBackend<T>(name: 'cpu' | 'wasm', load: () => Promise<T>): Promise<T> {
  return load().catch((cause: unknown) => {
    throw new ComputeError(name, `install @tensorflow/tfjs-backend-${name}@4.22.0 to use it`, { cause });
  });
}

/** Starts a backend; the one in use stays in use. Not while another starts: TensorFlow.js would give that one up. */
export async function activate(executor: string, backend: string, library: typeof tf): Promise<void> {
  const before = library.engine().backendName;
  if (!(await library.setBackend(backend))) throw new ComputeError(executor, 'its backend does not start here');
  if (before) await library.setBackend(before);
}
