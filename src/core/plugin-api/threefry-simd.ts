/**
 * Threefry-4x32-20 in WebAssembly, four blocks at a time: the same words as `threefry4x32`, several times as fast.
 * The module is written instruction by instruction below; opcodes are those of the WebAssembly core specification 2.0.
 */

/** The constants of the cipher, shared with the plain version. */
export const PARITY = 0x1bd11bda;
export const ROTATIONS = [10, 26, 11, 21, 13, 27, 23, 5, 6, 20, 17, 11, 25, 10, 18, 20] as const;

const WORDS_PER_GROUP = 16;
const BUFFER_WORDS = 16_384;
const PAGE_BYTES = 65_536;

type Fill = (start: number, end: number, low: number, high: number, ...key: number[]) => void;
interface Cipher {
  readonly words: { readonly fill: Fill; readonly buffer: Uint32Array };
  readonly uniforms: { readonly fill: Fill; readonly buffer: Float32Array };
}
let loaded: Cipher | null = null;

/**
 * Calls `use` with the words of blocks `block`, `block` + 1 and so on, in pieces; `count` is rounded up to a multiple of
 * 16 words. The array is filled anew for each piece.
 */
export function threefryWords(
  key: Uint32Array,
  block: number,
  count: number,
  use: (words: Uint32Array, at: number) => void,
): void {
  const { fill, buffer } = (loaded ??= instantiate()).words;
  eachPiece(fill, key, block, count, (length, at) => use(buffer.subarray(0, length), at));
}

/** The same words as float32 numbers in the open interval (0, 1): word · 2^-32, at least 2^-33, at most 1 − 2^-24. */
export function threefryUniforms(
  key: Uint32Array,
  block: number,
  count: number,
  use: (uniforms: Float32Array, at: number) => void,
): void {
  const { fill, buffer } = (loaded ??= instantiate()).uniforms;
  eachPiece(fill, key, block, count, (length, at) => use(buffer.subarray(0, length), at));
}

function eachPiece(
  fill: Fill,
  key: Uint32Array,
  block: number,
  count: number,
  use: (length: number, at: number) => void,
): void {
  const keys = [key[0]!, key[1]!, key[2]!, key[3]!, PARITY ^ key[0]! ^ key[1]! ^ key[2]! ^ key[3]!];
  for (let done = 0; done < count;) {
    const first = block + done / 4;
    // A piece ends where the low half of the counter overflows.
    const untilCarry = (2 ** 32 - (first % 2 ** 32)) * 4;
    const wanted = Math.ceil((count - done) / WORDS_PER_GROUP) * WORDS_PER_GROUP;
    const piece = Math.min(BUFFER_WORDS, wanted, untilCarry);
    fill(0, piece * 4, (first % 2 ** 32) | 0, Math.floor(first / 2 ** 32), ...keys);
    use(piece, done);
    done += piece;
  }
}

function instantiate(): Cipher {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(assemble()));
  const { words, uniforms, memory } = instance.exports as unknown as {
    words: Fill;
    uniforms: Fill;
    memory: WebAssembly.Memory;
  };
  return {
    words: { fill: words, buffer: new Uint32Array(memory.buffer, 0, BUFFER_WORDS) },
    uniforms: { fill: uniforms, buffer: new Float32Array(memory.buffer, 0, BUFFER_WORDS) },
  };
}

const I32 = 0x7f;
const V128 = 0x7b;
const OP = {
  get: 0x20,
  set: 0x21,
  constant: 0x41,
  add: 0x6a,
  lessUnsigned: 0x49,
  loop: 0x03,
  branchIf: 0x0d,
  end: 0x0b,
};
const SIMD = {
  store: 11,
  constant: 12,
  shuffle: 13,
  splat: 17,
  or: 80,
  xor: 81,
  shiftLeft: 171,
  shiftRight: 173,
  add: 174,
  floatMultiply: 230,
  floatMinimum: 232,
  floatMaximum: 233,
  toFloat: 251,
};

// Locals of the function: five numbers for the key follow the range of memory and the counter.
const START = 0;
const END = 1;
const LOW = 2;
const HIGH = 3;
const KEY = 4;
const X = 9;
const KEYS = 13;

/** Magic number and version. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function assemble(): Uint8Array<ArrayBuffer> {
  const signature = [0x60, ...vector(Array.from({ length: 9 }, () => [I32])), 0];
  const functions = [[], toUniforms()].map((convert) => {
    const code = [...vector([[9, V128]]), ...body(convert), OP.end];
    return [...unsigned(code.length), ...code];
  });
  const exported = [
    [...text('words'), 0, 0],
    [...text('uniforms'), 0, 1],
    [...text('memory'), 2, 0],
  ];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, vector([signature])),
    ...section(3, vector([[0], [0]])),
    ...section(5, vector([[0, (BUFFER_WORDS * 4) / PAGE_BYTES]])),
    ...section(7, vector(exported)),
    ...section(10, vector(functions)),
  ]);
}

function body(convert: readonly number[]): number[] {
  const splatKeys = [0, 1, 2, 3, 4].flatMap((i) => set(KEYS + i, [...get(KEY + i), ...simd(SIMD.splat)]));
  return [...splatKeys, OP.loop, 0x40, ...encryptGroup(), ...convert, ...storeGroup(), ...advance(), OP.end];
}

function toUniforms(): number[] {
  const convert = [
    simd(SIMD.toFloat),
    [floats(2 ** -32), simd(SIMD.floatMultiply)],
    [floats(2 ** -33), simd(SIMD.floatMaximum)],
    [floats(1 - 2 ** -24), simd(SIMD.floatMinimum)],
  ].flat(2);
  return [0, 1, 2, 3].flatMap((w) => set(X + w, [...get(X + w), ...convert]));
}

function floats(value: number): number[] {
  return [...simd(SIMD.constant), ...new Uint8Array(Float32Array.of(value, value, value, value).buffer)];
}

/** Lane b of X0 … X3 is word 0 … 3 of block b. */
function encryptGroup(): number[] {
  const lanes = [...simd(SIMD.constant), ...new Uint8Array(Uint32Array.of(0, 1, 2, 3).buffer)];
  return [
    ...set(X, sum(sum([...get(LOW), ...simd(SIMD.splat)], lanes), get(KEYS))),
    ...set(X + 1, sum([...get(HIGH), ...simd(SIMD.splat)], get(KEYS + 1))),
    ...set(X + 2, get(KEYS + 2)),
    ...set(X + 3, get(KEYS + 3)),
    ...Array.from({ length: 20 }, (_, i) => round(i)).flat(),
  ];
}

function round(i: number): number[] {
  const [right, left] = i % 2 === 0 ? [1, 3] : [3, 1];
  const rotation = (i % 8) * 2;
  const mixed = [...mix(X, X + right, ROTATIONS[rotation]!), ...mix(X + 2, X + left, ROTATIONS[rotation + 1]!)];
  return i % 4 === 3 ? [...mixed, ...injectKey((i + 1) / 4)] : mixed;
}

/** a += b; b = (b rotated left) ^ a. */
function mix(a: number, b: number, by: number): number[] {
  const left = [...get(b), OP.constant, ...signed(by), ...simd(SIMD.shiftLeft)];
  const right = [...get(b), OP.constant, ...signed(32 - by), ...simd(SIMD.shiftRight)];
  return [
    ...set(a, sum(get(a), get(b))),
    ...set(b, [...left, ...right, ...simd(SIMD.or), ...get(a), ...simd(SIMD.xor)]),
  ];
}

function injectKey(injection: number): number[] {
  const number = [OP.constant, ...signed(injection), ...simd(SIMD.splat)];
  const words = [0, 1, 2, 3].flatMap((w) => set(X + w, sum(get(X + w), get(KEYS + ((injection + w) % 5)))));
  return [...words, ...set(X + 3, sum(get(X + 3), number))];
}

/** For a shuffle: the low eight bytes of both vectors. */
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Turns four lanes of four words into four blocks, and stores them one after the other. */
function storeGroup(): number[] {
  return [0, 1, 2, 3].flatMap((block) => {
    const halves = [...wordPair(X, X + 1, block), ...wordPair(X + 2, X + 3, block)];
    const joined = [...halves, ...simd(SIMD.shuffle), ...LOW_HALVES];
    return [...get(START), ...joined, ...simd(SIMD.store), 4, ...unsigned(block * 16)];
  });
}

/** Leaves lane `block` of two vectors in the low half of one. */
function wordPair(first: number, second: number, block: number): number[] {
  const lanes = [block, 4 + block, 0, 0].flatMap((word) => [0, 1, 2, 3].map((byte) => word * 4 + byte));
  return [...get(first), ...get(second), ...simd(SIMD.shuffle), ...lanes];
}

function advance(): number[] {
  return [
    ...set(LOW, [...get(LOW), OP.constant, ...signed(4), OP.add]),
    ...set(START, [...get(START), OP.constant, ...signed(64), OP.add]),
    ...get(START),
    ...get(END),
    OP.lessUnsigned,
    OP.branchIf,
    0,
  ];
}

function sum(a: readonly number[], b: readonly number[]): number[] {
  return [...a, ...b, ...simd(SIMD.add)];
}
function get(local: number): number[] {
  return [OP.get, ...unsigned(local)];
}
function set(local: number, value: readonly number[]): number[] {
  return [...value, OP.set, ...unsigned(local)];
}
function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)];
}
function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}
function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}
function text(name: string): number[] {
  return [...unsigned(name.length), ...new TextEncoder().encode(name)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
function signed(value: number): number[] {
  // Only small positive numbers are written here: the sign bit of the last byte must stay clear.
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}
