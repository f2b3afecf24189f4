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

/** The letters `asm` after a zero, and version 1. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const TYPES = { integer: 0x7f, vector: 0x7b } as const;
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
    const locals = [
      [...unsigned(this.integers), TYPES.integer],
      [...unsigned(this.#vectors), TYPES.vector],
    ];
    return withLength([...unsigned(locals.length), ...locals.flat(), ...this.#code, ...OPCODES.end]);
  }
}

/** A module that exports functions without parameters, which work on the memory `env.memory`. */
export function writeModule(pages: number, functions: Readonly<Record<string, FunctionBody>>): Uint8Array<ArrayBuffer> {
  const names = Object.keys(functions);
  const bodies = Object.values(functions).map((body) => body.finish());
  const section = (id: number, items: readonly (readonly number[])[]) => [
    id,
    ...withLength([...unsigned(items.length), ...items.flat()]),
  ];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [[0x60, 0x00, 0x00]]),
    ...section(2, [[...text('env'), ...text('memory'), 0x02, 0x01, ...unsigned(pages), ...unsigned(pages)]]),
    ...section(
      3,
      names.map(() => [0x00]),
    ),
    ...section(
      7,
      names.map((name, i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(10, bodies),
  ]);
}

function text(value: string): number[] {
  return withLength([...new TextEncoder().encode(value)]);
}

function withLength(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128 of a number below 2^32. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** Signed LEB128 of the 32-bit integer that `value` is, 2^31 and more as its negative twin. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
