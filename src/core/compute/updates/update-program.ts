import type { Feed, Shape, Shapes } from '../../plugin-api/index.js';
import { sizeOf } from '../checks.js';
import type { Value } from '../recording/graph.js';
import type { Updates } from './split-updates.js';
import { writeModule } from './wasm-module.js';
import { VECTOR_BYTES, writeUpdates } from './write-updates.js';

const PAGE_BYTES = 2 ** 16;
/** Tensors begin where a cache line does; a vector that a tensor fills in part is its own. */
const LINE_BYTES = 4 * VECTOR_BYTES;
/** What a memory of 32-bit addresses holds. */
const MOST_BYTES = 2 ** 32 - PAGE_BYTES;

/** A tensor in the memory. */
interface Place {
  readonly address: number;
  readonly shape: Shape;
}

/** Where the updates of one entry find what they read, by the value's id. */
type Places = ReadonlyMap<number, Place>;

/** An output of an entry's graph, and where it is to be written. */
export interface WantedOutput {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/**
 * The updates of a program set, compiled to WebAssembly, over a memory that holds the state. Whoever runs the rest of a
 * step writes its outputs into {@link outputsOf}, and then calls {@link run}.
 */
export class UpdateProgram {
  /** @returns null where the tensors are more than `mostBytes`. */
  static async create(
    stateShapes: Shapes,
    entries: Readonly<Record<string, Updates>>,
    mostBytes = MOST_BYTES,
  ): Promise<UpdateProgram | null> {
    const { states, places, bytes } = planMemory(stateShapes, entries);
    if (bytes > mostBytes) return null;
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const functions = Object.entries(entries).map(([entry, updates]) => {
      const addressOf = (value: Value) => places[entry]!.get(value.id)!.address;
      return [entry, writeUpdates(updates, addressOf, (name) => states[name]!.address)] as const;
    });
    const module = writeModule(pages, Object.fromEntries(functions));
    const { instance } = await WebAssembly.instantiate(module, { env: { memory } });
    return new UpdateProgram(memory, instance.exports as Record<string, () => void>, states, entries, places);
  }

  readonly #inputs: Readonly<Record<string, readonly (readonly [name: string, values: Float32Array])[]>>;
  readonly #outputs: Readonly<Record<string, readonly WantedOutput[]>>;

  private constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly functions: Readonly<Record<string, () => void>>,
    private readonly states: Readonly<Record<string, Place>>,
    entries: Readonly<Record<string, Updates>>,
    places: Readonly<Record<string, Places>>,
  ) {
    const found = Object.entries(entries).map(([entry, { leaves }]) => {
      const inputs: [string, Float32Array][] = [];
      const outputs: WantedOutput[] = [];
      for (const { value, from } of leaves) {
        const values = this.#view(places[entry]!.get(value.id)!);
        if ('constant' in from) values.set(from.constant);
        if ('input' in from) inputs.push([from.input, values]);
        if ('output' in from) outputs.push({ name: from.output, shape: value.shape, values });
      }
      return { entry, inputs, outputs };
    });
    this.#inputs = Object.fromEntries(found.map(({ entry, inputs }) => [entry, inputs]));
    this.#outputs = Object.fromEntries(found.map(({ entry, outputs }) => [entry, outputs]));
  }

  /** A tensor of the state, not a copy. */
  stateOf(name: string): Float32Array {
    return this.#view(this.states[name]!);
  }

  outputsOf(entry: string): readonly WantedOutput[] {
    return this.#outputs[entry] ?? [];
  }

  /** Replaces the state. Of `inputs` those are read that the updates need. */
  run(entry: string, inputs: Feed): void {
    for (const [name, values] of this.#inputs[entry] ?? []) values.set(inputs[name]!);
    this.functions[entry]?.();
  }

  #view({ address, shape }: Place): Float32Array {
    return new Float32Array(this.memory.buffer, address, sizeOf(shape));
  }
}

interface MemoryPlan {
  readonly states: Readonly<Record<string, Place>>;
  readonly places: Readonly<Record<string, Places>>;
  readonly bytes: number;
}

/**
 * The state and the constants lie apart; what else an entry needs lies where the others have theirs, since one runs at a
 * time. What is joined lies within the whole from the beginning.
 */
function planMemory(stateShapes: Shapes, entries: Readonly<Record<string, Updates>>): MemoryPlan {
  let end = 0;
  const place = (shape: Shape): Place => {
    const address = end;
    end += Math.ceil((sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT) / LINE_BYTES) * LINE_BYTES;
    return { address, shape };
  };
  const states = Object.fromEntries(Object.entries(stateShapes).map(([name, shape]) => [name, place(shape)]));
  const lasting = Object.entries(entries).map(([entry, { leaves }]) => {
    const places = new Map<number, Place>();
    for (const { value, from } of leaves) {
      if ('state' in from) places.set(value.id, states[from.state]!);
      if ('constant' in from) places.set(value.id, place(value.shape));
    }
    return [entry, places] as const;
  });
  const shared = end;
  let bytes = shared;
  for (const [entry, places] of lasting) {
    end = shared;
    const { leaves, nodes } = entries[entry]!;
    for (const { inputs, outputs } of nodes.filter(({ kernel }) => kernel === 'Concat')) {
      const whole = place(outputs[0]!.shape);
      places.set(outputs[0]!.id, whole);
      let { address } = whole;
      for (const { id, shape } of inputs) {
        places.set(id, { address, shape });
        address += sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
      }
    }
    const sums = nodes.flatMap(({ kernel, outputs }) => (kernel === 'UnsortedSegmentSum' ? outputs : []));
    for (const value of [...leaves.map((leaf) => leaf.value), ...sums]) {
      if (!places.has(value.id)) places.set(value.id, place(value.shape));
    }
    bytes = Math.max(bytes, end);
  }
  return { states, places: Object.fromEntries(lasting), bytes };
}
