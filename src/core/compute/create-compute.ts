import type { Compute, Program, ProgramSpec, Step } from '../plugin-api/index.js';
import type { ChosenExecutor } from './choose-executor.js';
import { ComputeError } from './compute-error.js';
import { EXECUTOR_NAMES, type Executor, type ExecutorName, type ExecutorOptions } from './executor.js';
import { loadTensorLibrary } from './tensor-library.js';

export interface ComputeOptions {
  /** An executor's name, or `auto`. Default: `auto`. */
  readonly executor?: string;
  /** Threads for one operation. Default: 1. */
  readonly threads?: number;
  /** Idle threads wait by spinning. Default: false, which is faster wherever anything else runs on the machine. */
  readonly spinning?: boolean;
  /** A folder with the native TensorFlow binding. Default: the studio's own packages. */
  readonly tensorflowFolder?: string | undefined;
}

const LOADERS: Readonly<Record<ExecutorName, (options: ExecutorOptions) => Promise<Executor>>> = {
  tensorflow: async (options) => (await import('./tensorflow/native.js')).createNativeExecutor(options),
  'onnx-cpu': async (options) => (await import('./onnx/onnx-executor.js')).createOnnxExecutor('cpu', options),
  'onnx-webgpu': async (options) => (await import('./onnx/onnx-executor.js')).createOnnxExecutor('webgpu', options),
  'onnx-cuda': async (options) => (await import('./onnx/onnx-executor.js')).createOnnxExecutor('cuda', options),
  wasm: async (options) => (await import('./tensorflow/backends.js')).createWasmExecutor(options),
  cpu: async (options) => (await import('./tensorflow/backends.js')).createCpuExecutor(options),
};

/**
 * Makes what plugins compile their steps with. Loads the tensor libraries, so it belongs in a trainer process.
 * @throws ComputeError when a named executor does not exist or does not work here: there is no silent fallback.
 */
export async function createCompute(options: ComputeOptions = {}): Promise<Compute> {
  const asked = options.executor ?? 'auto';
  const tf = await loadTensorLibrary();
  const executorOptions: ExecutorOptions = {
    tf,
    threads: options.threads ?? 1,
    spinning: options.spinning ?? false,
    tensorflowFolder: options.tensorflowFolder,
  };
  if (asked === 'auto') {
    const { chooseExecutor } = await import('./choose-executor.js');
    return toCompute(await chooseExecutor(tf, (name) => startExecutor(name, executorOptions)), tf);
  }
  if (!isExecutorName(asked)) {
    throw new ComputeError(asked, `there is no such executor; there are auto, ${EXECUTOR_NAMES.join(', ')}`);
  }
  return toCompute({ name: asked, executor: await startExecutor(asked, executorOptions), reason: 'asked for' }, tf);
}

function isExecutorName(name: string): name is ExecutorName {
  return (EXECUTOR_NAMES as readonly string[]).includes(name);
}

/** Loads an executor and lets it add two numbers: a driver that is missing shows only when something runs. */
async function startExecutor(name: ExecutorName, options: ExecutorOptions): Promise<Executor> {
  const executor = await LOADERS[name](options);
  const { tf } = options;
  const step: Step = (_, { x }) => ({ outputs: { sum: tf.add(x!, x!) } });
  const probe = await executor.compileSet(
    { state: {}, entries: { probe: { inputs: { x: [2] }, step } } },
    nothingBetween,
  );
  try {
    const { sum } = await probe.run('probe', { x: Float32Array.of(1, 2) });
    if (sum![1] !== 4) throw new ComputeError(name, `computes 2 + 2 = ${sum![1]}`);
  } finally {
    probe.dispose();
  }
  return executor;
}

const nothingBetween = () => Promise.resolve();

function toCompute({ name, executor, reason }: ChosenExecutor, tf: Compute['tf']): Compute {
  return {
    executor: name,
    reason,
    tf,
    compileSet: (spec, between = nothingBetween) => executor.compileSet(spec, between),
    async compile({ state, inputs }: ProgramSpec, step: Step): Promise<Program> {
      const set = await executor.compileSet({ state, entries: { step: { inputs, step } } }, nothingBetween);
      return {
        run: (feed, into) => set.run('step', feed, into),
        setState: (feed) => set.setState(feed),
        getState: () => set.getState(),
        dispose: () => set.dispose(),
      };
    },
  };
}
