import { setImmediate } from 'node:timers/promises';
import type { Compute } from '../compute.js';
import type { Progress, RunContext } from '../run-context.js';

export interface TestContextOptions {
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Absent: a plugin that asks for compute fails, saying so. */
  readonly compute?: Compute | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

const TICK_INTERVAL_MS = 25;

/** A run context as the trainer gives it, without host: nothing is logged, no checkpoint exists or falls due. */
export function testContext({ seed = 1, signal, compute, onProgress }: TestContextOptions = {}): RunContext {
  const abortSignal = signal ?? new AbortController().signal;
  let lastYield = performance.now();
  return {
    signal: abortSignal,
    seed,
    // A test names its seed, and expects the same result again.
    seedIsUsers: true,
    get compute(): Compute {
      if (!compute) throw new Error('No compute was given to this test context');
      return compute;
    },
    checkpoints: { restore: async () => null, due: () => false, save: async () => undefined },
    logger: { info: () => undefined, warn: () => undefined },
    report: (progress) => onProgress?.(progress),
    async tick() {
      if (performance.now() - lastYield >= TICK_INTERVAL_MS) {
        await setImmediate();
        lastYield = performance.now();
      }
      abortSignal.throwIfAborted();
    },
  };
}
