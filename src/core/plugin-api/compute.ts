import type * as tf from '@tensorflow/tfjs-core';

export type Shape = readonly number[];
export type TensorMap = Readonly<Record<string, tf.Tensor>>;
export type Feed = Readonly<Record<string, Float32Array>>;

/** Shapes of the tensors (all float32) that a program keeps, and of those it is given at each run. */
export interface ProgramSpec {
  readonly state: Readonly<Record<string, Shape>>;
  readonly inputs: Readonly<Record<string, Shape>>;
}

/** Pure: TensorFlow.js operations alone, no reading back, no shapes that depend on values, no randomness but its inputs. */
export type Step = (state: TensorMap, inputs: TensorMap) => { readonly state?: TensorMap; readonly outputs?: TensorMap };

export interface Program {
  /** Runs one step; the state stays with the executor, only outputs come back. */
  run(inputs: Feed): Promise<Record<string, Float32Array>>;
  setState(state: Feed): Promise<void>;
  getState(): Promise<Record<string, Float32Array>>;
  dispose(): void;
}

export interface Compute {
  /** Which executor runs the programs: `tensorflow`, `onnx-cpu`, `onnx-webgpu`, `onnx-cuda`, `wasm` or `cpu`. */
  readonly executor: string;
  /** The host's one TensorFlow.js, for steps to build on. */
  readonly tf: typeof tf;
  compile(spec: ProgramSpec, step: Step): Promise<Program>;
}
