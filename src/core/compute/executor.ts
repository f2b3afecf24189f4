import type * as tf from '@tensorflow/tfjs-core';
import type { ProgramSet, ProgramSetSpec } from '../plugin-api/index.js';

export const EXECUTOR_NAMES = ['tensorflow', 'onnx-cpu', 'onnx-webgpu', 'onnx-cuda', 'wasm', 'cpu'] as const;
export type ExecutorName = (typeof EXECUTOR_NAMES)[number];

export interface ExecutorOptions {
  readonly tf: typeof tf;
  /** Threads for one operation, at least 1. */
  readonly threads: number;
  /** Whether idle threads wait by spinning: faster only where nothing else wants the cores. */
  readonly spinning: boolean;
  /** Where the native TensorFlow binding lies; absent: among the studio's own packages. */
  readonly tensorflowFolder: string | undefined;
}

/** Runs tensor programs. Making one that does not work here throws a ComputeError that says what is missing. */
export interface Executor {
  compileSet<Entry extends string>(
    spec: ProgramSetSpec<Entry>,
    between: () => Promise<void>,
  ): Promise<ProgramSet<Entry>>;
}
