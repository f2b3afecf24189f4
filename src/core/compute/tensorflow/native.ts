import { createRequire } from 'node:module';
import util from 'node:util';
import { ComputeError } from '../compute-error.js';
import type { Executor, ExecutorOptions } from '../executor.js';
import { activate } from './backends.js';
import { createTfjsExecutor } from './tfjs-executor.js';

const BACKEND = 'tensorflow';
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/**
 * TensorFlow itself, through its Node binding: optional packages that the user installs. `TFJS_BINDING` may name a
 * `tfjs_binding.node` built elsewhere; the package's JavaScript half must be there all the same.
 */
export async function createNativeExecutor({ tf: library, threads }: ExecutorOptions): Promise<Executor> {
  // Read by TensorFlow when its library loads; the user's own setting wins.
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  allowOldUtilities();
  loadPackage();
  await activate(BACKEND, BACKEND, library);
  return createTfjsExecutor(BACKEND, BACKEND, library);
}

function loadPackage(): void {
  const require = createRequire(import.meta.url);
  const reasons: string[] = [];
  for (const name of PACKAGES) {
    try {
      require(name);
      return;
    } catch (error) {
      reasons.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new ComputeError(BACKEND, `install one of ${PACKAGES.join(', ')} to use it (${reasons.join('; ')})`);
}

/** The last release of the binding calls functions that Node 23 removed. */
function allowOldUtilities(): void {
  const old = util as unknown as Record<string, unknown>;
  old['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  old['isArray'] ??= Array.isArray;
}
