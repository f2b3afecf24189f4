import type * as tf from '@tensorflow/tfjs-core';

export type Shape = readonly number[];
export type TensorMap = Readonly<Record<string, tf.Tensor>>;
export type Feed = Readonly<Record<string, Float32Array>>;
export type Shapes = Readonly<Record<string, Shape>>;
export type Tensor = tf.Tensor;
export type TensorLibrary = typeof tf;

/** Shapes of the tensors (all float32) that a program keeps, and of those it is given at each run. */
export interface ProgramSpec {
  readonly state: Readonly<Record<string, Shape>>;
  readonly inputs: Readonly<Record<string, Shape>>;
}

/** Pure: TensorFlow.js operations alone, no reading back, no shapes that depend on values, no randomness but its inputs. */
export type Step = (
  state: TensorMap,
  inputs: TensorMap,
) => { readonly state?: TensorMap; readonly outputs?: TensorMap };

/** One way into a program set: what it is given at each run, and what it does with the shared state. */
export interface EntryPoint {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly step: Step;
}

/** Several steps over one state, such as a critic's update, a generator's update and a forward pass for sampling. */
export interface ProgramSetSpec<Entry extends string = string> {
  readonly state: Readonly<Record<string, Shape>>;
  readonly entries: Readonly<Record<Entry, EntryPoint>>;
}

/**
 * Steps that are ready to run. The state starts as zeros and stays with the executor; only outputs come back, as arrays
 * of their own that no later run touches. One run at a time: the next may start when the promise of the last is settled.
 */
export interface ProgramSet<Entry extends string = string> {
  /**
   * Runs one step. An input that is missing, unknown or of another length throws and names itself.
   * @param into the caller's own arrays, which the outputs of these names are written to and returned in: a large output
   *   of many runs is then allocated once. One of another name or length throws.
   */
  run(entry: Entry, inputs: Feed, into?: Feed): Promise<Record<string, Float32Array>>;
  /** Replaces the named tensors; those not named stay as they are. */
  setState(state: Feed): Promise<void>;
  /** A copy of the whole state. */
  getState(): Promise<Record<string, Float32Array>>;
  dispose(): void;
}

/** A {@link ProgramSet} with one entry. */
export interface Program {
  run(inputs: Feed, into?: Feed): Promise<Record<string, Float32Array>>;
  setState(state: Feed): Promise<void>;
  getState(): Promise<Record<string, Float32Array>>;
  dispose(): void;
}

export interface Compute {
  /** Which executor runs the programs: `tensorflow`, `onnx-cpu`, `onnx-webgpu`, `onnx-cuda`, `wasm` or `cpu`. */
  readonly executor: string;
  /** Why this one: it was asked for, or what `auto` found here. */
  readonly reason: string;
  /** The host's one TensorFlow.js, for steps to build on. */
  readonly tf: typeof tf;
  /** A step that the executor cannot run throws, naming the operation. */
  compile(spec: ProgramSpec, step: Step): Promise<Program>;
  /** @param between awaited now and then, since compiling takes up to a tenth of a second an entry: `() => context.tick()`. */
  compileSet<Entry extends string>(
    spec: ProgramSetSpec<Entry>,
    between?: () => Promise<void>,
  ): Promise<ProgramSet<Entry>>;
}
