import { existsSync, readdirSync } from 'node:fs';
import { ComputeError } from './compute-error.js';
import type { Executor, ExecutorName } from './executor.js';
import { stepTime } from './step-time.js';

export interface ChosenExecutor {
  readonly name: ExecutorName;
  readonly executor: Executor;
  readonly reason: string;
}

interface Candidate {
  readonly name: ExecutorName;
  readonly executor: Executor;
  /** Milliseconds of a trial step. */
  readonly time: number;
}

type Start = (name: ExecutorName) => Promise<Executor>;

/**
 * What can be fastest on some machine. TensorFlow run from JavaScript operation by operation takes two to three times as
 * long as ONNX Runtime on a processor (measured), so that it is a candidate for its GPU alone.
 */
const CONTENDERS: readonly { readonly name: ExecutorName; readonly worthTrying: () => boolean }[] = [
  { name: 'onnx-cpu', worthTrying: () => true },
  { name: 'onnx-webgpu', worthTrying: hasGraphicsDevice },
  { name: 'onnx-cuda', worthTrying: hasNvidiaDevice },
  { name: 'tensorflow', worthTrying: hasNvidiaDevice },
];
/** When no contender works, the first of these that does. */
const LAST_RESORTS: readonly ExecutorName[] = ['tensorflow', 'wasm', 'cpu'];

/** The contender whose trial step takes least; its reason tells what was measured, and what did not work. */
export async function chooseExecutor(tf: Parameters<typeof stepTime>[1], start: Start): Promise<ChosenExecutor> {
  const candidates: Candidate[] = [];
  const refusals: string[] = [];
  for (const { name, worthTrying } of CONTENDERS) {
    if (!worthTrying()) continue;
    try {
      const executor = await start(name);
      candidates.push({ name, executor, time: await stepTime(executor, tf) });
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  candidates.sort((a, b) => a.time - b.time);
  const [fastest] = candidates;
  if (fastest === undefined) return lastResort(start, refusals);
  const times = candidates.map(({ name, time }) => `${name} ${time.toFixed(1)} ms`).join(', ');
  const reason = candidates.length > 1 ? `fastest in a trial step (${times})` : 'no graphics processor was found';
  return { name: fastest.name, executor: fastest.executor, reason: [reason, ...refusals].join('; ') };
}

async function lastResort(start: Start, refusals: string[]): Promise<ChosenExecutor> {
  for (const name of LAST_RESORTS) {
    try {
      return { name, executor: await start(name), reason: ['nothing faster works here', ...refusals].join('; ') };
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new ComputeError('auto', `no executor works here. ${refusals.join('. ')}`);
}

/** A software renderer answers as WebGPU too, but starting it only to find it slow costs seconds. */
function hasGraphicsDevice(): boolean {
  if (process.platform !== 'linux') return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((file) => file.startsWith('renderD'));
}

function hasNvidiaDevice(): boolean {
  return process.platform === 'win32' || existsSync('/dev/nvidiactl');
}
