import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import type { Feed, ProgramSet, Shape } from '../../plugin-api/index.js';
import { checkInputs, checkInto, checkState, sizeOf } from '../checks.js';
import { ComputeError } from '../compute-error.js';
import type { UpdateProgram } from '../updates/update-program.js';

export interface OnnxEntry {
  readonly session: InferenceSession;
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Names of the graph's inputs that the step really uses. */
  readonly used: ReadonlySet<string>;
  readonly newState: readonly string[];
  readonly outputs: Readonly<Record<string, Shape>>;
}

/** A tensor of the state, and where a graph writes its next value, for those that a graph computes. */
interface StateTensor {
  readonly current: Tensor;
  readonly next: Tensor | null;
}

/** Tensors over memory that is there for all runs of an entry. */
interface FixedTensors {
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Null for outputs, which come in fresh ones. */
  readonly fetches: Readonly<Record<string, Tensor | null>>;
}

export class OnnxProgramSet implements ProgramSet {
  readonly #state = new Map<string, StateTensor>();
  #fixed: Readonly<Record<string, FixedTensors>>;
  #disposed = false;

  constructor(
    private readonly executor: string,
    private readonly tensor: TensorConstructor,
    private readonly stateShapes: Readonly<Record<string, Shape>>,
    private readonly entries: Readonly<Record<string, OnnxEntry>>,
    /** What the graphs leave to be done for the state, which it keeps then. */
    private readonly updates: UpdateProgram | null,
  ) {
    const changing = new Set(Object.values(entries).flatMap((entry) => entry.newState));
    for (const [name, shape] of Object.entries(stateShapes)) {
      const over = (values: Float32Array) => new tensor('float32', values, shape);
      const blank = () => new Float32Array(sizeOf(shape));
      this.#state.set(name, {
        current: over(updates?.stateOf(name) ?? blank()),
        next: changing.has(name) ? over(blank()) : null,
      });
    }
    this.#fixed = Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [
        name,
        { feeds: this.#stateFeeds(entry), fetches: this.#fetches(name, entry) },
      ]),
    );
  }

  async run(entryName: string, inputs: Feed, into: Feed = {}): Promise<Record<string, Float32Array>> {
    const entry = this.#entry(entryName);
    checkInputs(this.executor, entryName, entry.shapes, inputs);
    checkInto(this.executor, entryName, entry.outputs, into);
    const { feeds, fetches: fixed } = this.#fixed[entryName]!;
    const fetches = { ...fixed, ...this.#intoFetches(entry, into) };
    const results = await entry.session
      .run({ ...feeds, ...this.#inputFeeds(entry, inputs) }, fetches)
      .catch((cause: Error) => {
        throw new ComputeError(this.executor, `"${entryName}" failed: ${cause.message}`, { cause });
      });
    for (const [name, tensor] of Object.entries(fetches)) {
      if (tensor !== null && results[name] !== tensor) free(dataOf(results[name]!));
    }
    this.updates?.run(entryName, inputs);
    for (const name of entry.newState) {
      const { current, next } = this.#state.get(name)!;
      dataOf(current).set(dataOf(next!));
    }
    return Object.fromEntries(
      Object.keys(entry.outputs).map((name) => [name, into[name] ?? dataOf(results[`output:${name}`]!)]),
    );
  }

  async setState(state: Feed): Promise<void> {
    checkState(this.executor, this.stateShapes, state);
    for (const [name, values] of Object.entries(state)) dataOf(this.#state.get(name)!.current).set(values);
  }

  async getState(): Promise<Record<string, Float32Array>> {
    return Object.fromEntries([...this.#state].map(([name, { current }]) => [name, dataOf(current).slice()]));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const entry of Object.values(this.entries)) void entry.session.release();
    this.#state.clear();
    this.#fixed = {};
  }

  #entry(name: string): OnnxEntry {
    if (this.#disposed) throw new ComputeError(this.executor, 'this program is disposed');
    const entry = this.entries[name];
    if (entry === undefined) throw new ComputeError(this.executor, `there is no entry "${name}"`);
    return entry;
  }

  #stateFeeds(entry: OnnxEntry): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { current }] of this.#state) {
      if (entry.used.has(`state:${name}`)) feeds[`state:${name}`] = current;
    }
    return feeds;
  }

  #inputFeeds(entry: OnnxEntry, inputs: Feed): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, shape] of Object.entries(entry.shapes)) {
      if (entry.used.has(`input:${name}`)) feeds[`input:${name}`] = new this.tensor('float32', inputs[name]!, shape);
    }
    return feeds;
  }

  /** Tensors over the caller's own arrays. */
  #intoFetches(entry: OnnxEntry, into: Feed): Record<string, Tensor> {
    const tensors = Object.entries(into).map(([name, values]) => {
      return [`output:${name}`, new this.tensor('float32', values, entry.outputs[name]!)] as const;
    });
    return Object.fromEntries(tensors);
  }

  /** New state, and what updates read, go into buffers that are there already; outputs come in fresh ones. */
  #fetches(entryName: string, entry: OnnxEntry): Record<string, Tensor | null> {
    const fetches: Record<string, Tensor | null> = {};
    for (const { name, shape, values } of this.updates?.outputsOf(entryName) ?? []) {
      fetches[name] = new this.tensor('float32', values, shape);
    }
    for (const name of entry.newState) fetches[`next:${name}`] = this.#state.get(name)!.next;
    for (const name of Object.keys(entry.outputs)) fetches[`output:${name}`] = null;
    return fetches;
  }
}

/**
 * Frees an array's memory at once. ONNX Runtime's binding copies each output, also one that went where it was told: megabytes
 * a step, which would lie about until a collection and make collections frequent.
 */
function free({ buffer }: Float32Array): void {
  (buffer as ArrayBuffer).transfer(0);
}

function dataOf(tensor: Tensor): Float32Array {
  return tensor.data as Float32Array;
}
