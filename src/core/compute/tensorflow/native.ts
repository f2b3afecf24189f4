import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import util from 'node:util';
import { ComputeError } from '../compute-error.js';
import type { Executor, ExecutorOptions } from '../executor.js';
import { registerGradients } from '../gradients/index.js';
import { activate } from './backends.js';
import { createTfjsExecutor } from './tfjs-executor.js';

const BACKEND = 'tensorflow';
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/**
 * TensorFlow itself, through its Node binding: optional packages that the user installs, here or in the folder that
 * `TFJS_NODE_DIR` names (`scripts/native-tensorflow.sh` builds one).
 */
export async function createNativeExecutor({
  tf: library,
  threads,
  tensorflowFolder,
}: ExecutorOptions): Promise<Executor> {
  setUnlessSet({
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Kernels of wider vectors move the stack pointer, and a signal that lands then corrupts the heap
    // (github.com/uxlfoundation/oneDNN/issues/4845). Trainers are sent signals.
    ONEDNN_MAX_CPU_ISA: 'AVX',
  });
  allowOldUtilities();
  loadPackage(tensorflowFolder);
  // The package brings the umbrella's gradients along.
  registerGradients(library);
  await activate(BACKEND, BACKEND, library);
  return createTfjsExecutor(BACKEND, BACKEND, library);
}

/** TensorFlow reads its settings from the environment when its library loads; the user's own win. */
function setUnlessSet(settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(settings)) process.env[name] ??= value;
}

function loadPackage(folder: string | undefined): void {
  const require = createRequire(folder ? join(resolve(folder), 'package.json') : import.meta.url);
  const reasons: string[] = [];
  for (const name of PACKAGES) {
    try {
      require(name);
      return;
    } catch (error) {
      reasons.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  const choices = PACKAGES.join(' or ');
  throw new ComputeError(BACKEND, `install ${choices}, or name its folder by TFJS_NODE_DIR (${reasons.join('; ')})`);
}

/** The last release of the binding calls functions that Node 23 removed. */
function allowOldUtilities(): void {
  const old = util as unknown as Record<string, unknown>;
  old['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  old['isArray'] ??= Array.isArray;
}
