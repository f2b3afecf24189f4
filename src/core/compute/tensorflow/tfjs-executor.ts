import type * as tf from '@tensorflow/tfjs-core';
import type { EntryPoint, Feed, ProgramSet, ProgramSetSpec, Shape, TensorMap } from '../../plugin-api/index.js';
import { checkInputs, checkInto, checkNewState, checkState, sizeOf } from '../checks.js';
import { ComputeError } from '../compute-error.js';
import type { Executor } from '../executor.js';

/** Runs a step operation by operation on one of TensorFlow.js's own backends, which must be registered and ready. */
export function createTfjsExecutor(name: string, backend: string, library: typeof tf): Executor {
  return {
    async compileSet<Entry extends string>(spec: ProgramSetSpec<Entry>): Promise<ProgramSet<Entry>> {
      return new TfjsProgramSet(name, backend, library, spec.state, spec.entries);
    },
  };
}

class TfjsProgramSet implements ProgramSet {
  #state: Record<string, tf.Tensor> = {};
  #disposed = false;

  constructor(
    private readonly executor: string,
    private readonly backend: string,
    private readonly library: typeof tf,
    private readonly stateShapes: Readonly<Record<string, Shape>>,
    private readonly entries: Readonly<Record<string, EntryPoint>>,
  ) {
    this.#use();
    for (const [name, shape] of Object.entries(stateShapes)) {
      this.#state[name] = library.tensor(new Float32Array(sizeOf(shape)), [...shape]);
    }
  }

  async run(entryName: string, inputs: Feed, into: Feed = {}): Promise<Record<string, Float32Array>> {
    const entry = this.entries[entryName];
    if (entry === undefined) throw new ComputeError(this.executor, `there is no entry "${entryName}"`);
    this.#use();
    checkInputs(this.executor, entryName, entry.inputs, inputs);
    const outputs: Record<string, tf.Tensor> = {};
    const scope = this.library.engine();
    scope.startScope(entryName);
    try {
      const result = this.#call(entryName, () => entry.step(this.#state, this.#tensors(entry.inputs, inputs)));
      checkNewState(this.executor, entryName, this.stateShapes, result.state ?? {});
      checkInto(this.executor, entryName, shapesOf(result.outputs ?? {}), into);
      this.#replace(result.state ?? {});
      for (const [name, tensor] of Object.entries(result.outputs ?? {}))
        outputs[name] = this.library.keep(tensor.clone());
    } finally {
      scope.endScope();
    }
    const fresh = await this.#read(outputs);
    for (const [name, values] of Object.entries(into)) values.set(fresh[name]!);
    return { ...fresh, ...into };
  }

  async setState(state: Feed): Promise<void> {
    this.#use();
    checkState(this.executor, this.stateShapes, state);
    this.library.tidy(() => this.#replace(this.#tensors(this.stateShapes, state)));
  }

  async getState(): Promise<Record<string, Float32Array>> {
    this.#use();
    const entries = Object.entries(this.#state).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]);
    return Object.fromEntries(entries);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#use();
    this.#disposed = true;
    for (const tensor of Object.values(this.#state)) tensor.dispose();
    this.#state = {};
  }

  /** Other programs of this process may run on other backends, so each call chooses its own. */
  #use(): void {
    if (this.#disposed) throw new ComputeError(this.executor, 'this program is disposed');
    // A backend that is ready is switched to before the promise is returned.
    if (this.library.engine().backendName !== this.backend) void this.library.engine().setBackend(this.backend);
  }

  #call<T>(entryName: string, step: () => T): T {
    try {
      return step();
    } catch (cause) {
      throw new ComputeError(this.executor, `"${entryName}" failed: ${(cause as Error).message}`, { cause });
    }
  }

  #tensors(shapes: Readonly<Record<string, Shape>>, feed: Feed): TensorMap {
    // Copied: the cpu backend would keep the caller's own array, which the caller may fill anew.
    return Object.fromEntries(
      Object.entries(feed).map(([name, values]) => [name, this.library.tensor(values.slice(), [...shapes[name]!])]),
    );
  }

  #replace(state: TensorMap): void {
    for (const [name, tensor] of Object.entries(state)) {
      const next = this.library.keep(tensor.clone());
      this.#state[name]!.dispose();
      this.#state[name] = next;
    }
  }

  async #read(outputs: Record<string, tf.Tensor>): Promise<Record<string, Float32Array>> {
    const arrays: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      arrays[name] = Float32Array.from(tensor.dataSync());
      tensor.dispose();
    }
    return arrays;
  }
}

function shapesOf(tensors: TensorMap): Record<string, Shape> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
}
