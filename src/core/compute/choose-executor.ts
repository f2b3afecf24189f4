import { ComputeError } from './compute-error.js';
import type { ChosenExecutor } from './create-compute.js';
import type { Executor, ExecutorName } from './executor.js';

/** A software adapter (SwiftShader, llvmpipe) answers as WebGPU too, but slower than the CPU: so it is never chosen. */
const PREFERENCE: readonly { readonly name: ExecutorName; readonly because: string }[] = [
  { name: 'onnx-cuda', because: 'an NVIDIA GPU with CUDA is here' },
  { name: 'onnx-cpu', because: 'fastest without a GPU' },
  { name: 'tensorflow', because: 'ONNX Runtime does not work here, TensorFlow does' },
  { name: 'wasm', because: 'neither ONNX Runtime nor TensorFlow works here' },
  { name: 'cpu', because: 'nothing faster works here' },
];

/** The first of {@link PREFERENCE} that works; its reason says what was tried before it, and why that was not to be. */
export async function chooseExecutor(start: (name: ExecutorName) => Promise<Executor>): Promise<ChosenExecutor> {
  const refusals: string[] = [];
  for (const { name, because } of PREFERENCE) {
    try {
      return { name, executor: await start(name), reason: [because, ...refusals].join('; ') };
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new ComputeError('auto', `no executor works here. ${refusals.join('. ')}`);
}
