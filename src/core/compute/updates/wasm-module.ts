import { HEADER, I32, section, signed, text, unsigned, V128, vector } from '../../plugin-api/wasm-code.js';

const SIMD = 0xfd;
/** Instructions of WebAssembly (webassembly.github.io/spec/core/binary) that updates are made of. */
export const OPCODES = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  branchIf: [0x0d],
  getLocal: [0x20],
  setLocal: [0x21],
  teeLocal: [0x22],
  loadFloat: [0x2a],
  storeFloat: [0x38],
  integer: [0x41],
  isUnsignedLess: [0x49],
  isUnsignedAtLeast: [0x4f],
  addIntegers: [0x6a],
  multiply: [0x6c],
  addFloats: [0x92],
  truncate: [0xfc, 0x00],
  fillMemory: [0xfc, 0x0b, 0x00],
  load: [SIMD, 0x00],
  loadOneToAll: [SIMD, 0x09],
  store: [SIMD, 0x0b],
  abs: [SIMD, 0xe0, 0x01],
  neg: [SIMD, 0xe1, 0x01],
  sqrt: [SIMD, 0xe3, 0x01],
  add: [SIMD, 0xe4, 0x01],
  sub: [SIMD, 0xe5, 0x01],
  mul: [SIMD, 0xe6, 0x01],
  div: [SIMD, 0xe7, 0x01],
  min: [SIMD, 0xe8, 0x01],
  max: [SIMD, 0xe9, 0x01],
} as const;
export type Opcode = keyof typeof OPCODES;

/** Alignment that loads and stores promise, as a power of two: that of a float. */
const ALIGNMENT = 2;

/** The body of a function without parameters, growing. A vector is four floats. */
export class FunctionBody {
  readonly #code: number[] = [];
  #vectors = 0;

  /** @param integers locals 0 … integers − 1 are integers, those after them vectors. */
  constructor(private readonly integers: number) {}

  /** Moves the vector on the stack to a local of its own. */
  setNewVector(): number {
    const local = this.integers + this.#vectors++;
    this.emit('setLocal', local);
    return local;
  }

  emit(opcode: Opcode, ...operands: readonly number[]): this {
    this.#code.push(...OPCODES[opcode], ...operands.flatMap(unsigned));
    return this;
  }

  integer(value: number): this {
    this.#code.push(...OPCODES.integer, ...signed(value));
    return this;
  }

  /** A load or store at `address` beyond the address that lies on the stack. */
  at(opcode: Opcode, address: number): this {
    return this.emit(opcode, ALIGNMENT, address);
  }

  /** Repeats `inner` for `counter` = 0, step, … below `end`, which is more than 0. */
  loop(counter: number, end: number, step: number, inner: () => void): this {
    this.integer(0).emit('setLocal', counter).emit('loop');
    inner();
    this.emit('getLocal', counter).integer(step).emit('addIntegers').emit('teeLocal', counter);
    return this.integer(end).emit('isUnsignedLess').emit('branchIf', 0).emit('end');
  }

  finish(): number[] {
    const locals = vector([
      [...unsigned(this.integers), I32],
      [...unsigned(this.#vectors), V128],
    ]);
    const code = [...locals, ...this.#code, ...OPCODES.end];
    return [...unsigned(code.length), ...code];
  }
}

/** A module that exports functions without parameters, which work on the memory `env.memory`. */
export function writeModule(pages: number, functions: Readonly<Record<string, FunctionBody>>): Uint8Array<ArrayBuffer> {
  const names = Object.keys(functions);
  const bodies = Object.values(functions).map((body) => body.finish());
  const memory = [...text('env'), ...text('memory'), 0x02, 0x01, ...unsigned(pages), ...unsigned(pages)];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, vector([[0x60, 0x00, 0x00]])),
    ...section(2, vector([memory])),
    ...section(3, vector(names.map(() => [0x00]))),
    ...section(7, vector(names.map((name, i) => [...text(name), 0x00, ...unsigned(i)]))),
    ...section(10, vector(bodies)),
  ]);
}
