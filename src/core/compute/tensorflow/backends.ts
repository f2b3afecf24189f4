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
  return createTfjsExecutor('wasm', 'wasm', library);
}

async function importBackend<T>(name: 'cpu' | 'wasm', load: () => Promise<T>): Promise<T> {
  return load().catch((cause: unknown) => {
    throw new ComputeError(name, `install @tensorflow/tfjs-backend-${name}@4.22.0 to use it`, { cause });
  });
}

async function activate(executor: string, backend: string, library: typeof tf): Promise<void> {
  const before = library.engine().backendName;
  if (!(await library.setBackend(backend))) throw new ComputeError(executor, 'its backend does not start here');
  if (before) await library.setBackend(before);
}
