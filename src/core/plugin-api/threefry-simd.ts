import { boxMuller, SCRATCH_LOCALS } from './box-muller-simd.js';
import {
  apply,
  type Code,
  floats,
  get,
  HEADER,
  I32,
  integers,
  lanes,
  OP,
  section,
  set,
  shift,
  signed,
  SIMD,
  simd,
  text,
  unsigned,
  V128,
  vector,
} from './wasm-code.js';

/** Threefry-4x32-20 in WebAssembly, four blocks at a time: the same words as `threefry4x32`, several times as fast. */

/** The constants of the cipher, shared with the plain version. */
export const PARITY = 0x1bd11bda;
export const ROTATIONS = [10, 26, 11, 21, 13, 27, 23, 5, 6, 20, 17, 11, 25, 10, 18, 20] as const;

const WORDS_PER_GROUP = 16;
const BUFFER_WORDS = 16_384;
const PAGE_BYTES = 65_536;

/** What becomes of the words of the cipher. */
interface Pieces {
  readonly words: Uint32Array;
  /** Float32 numbers in the open interval (0, 1): word · 2^-32, at least 2^-33, at most 1 − 2^-24. */
  readonly uniforms: Float32Array;
  /** Standard normal numbers, two of each two of the uniform ones. */
  readonly normals: Float32Array;
}
export type Filling = keyof Pieces;

type Fill = (start: number, end: number, low: number, high: number, ...key: number[]) => void;
interface Cipher {
  readonly fills: Readonly<Record<Filling, Fill>>;
  /** The one memory that all of them fill, as it is to be read. */
  readonly buffers: Pieces;
}
let loaded: Cipher | null = null;

/**
 * Calls `use` with what becomes of blocks `block`, `block` + 1 and so on, in pieces; `count` is rounded up to a multiple of
 * 16 words. The array is filled anew for each piece.
 */
export function threefryPieces<F extends Filling>(
  filling: F,
  key: Uint32Array,
  block: number,
  count: number,
  use: (piece: Pieces[F], at: number) => void,
): void {
  const { fills, buffers } = (loaded ??= instantiate());
  const keys = [key[0]!, key[1]!, key[2]!, key[3]!, PARITY ^ key[0]! ^ key[1]! ^ key[2]! ^ key[3]!];
  for (let done = 0; done < count;) {
    const first = block + done / 4;
    // A piece ends where the low half of the counter overflows.
    const untilCarry = (2 ** 32 - (first % 2 ** 32)) * 4;
    const wanted = Math.ceil((count - done) / WORDS_PER_GROUP) * WORDS_PER_GROUP;
    const piece = Math.min(BUFFER_WORDS, wanted, untilCarry);
    fills[filling](0, piece * 4, (first % 2 ** 32) | 0, Math.floor(first / 2 ** 32), ...keys);
    use(buffers[filling].subarray(0, piece) as Pieces[F], done);
    done += piece;
  }
}

function instantiate(): Cipher {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(assemble()));
  const { memory, ...fills } = instance.exports as unknown as Record<Filling, Fill> & { memory: WebAssembly.Memory };
  const words = new Uint32Array(memory.buffer, 0, BUFFER_WORDS);
  const numbers = new Float32Array(memory.buffer, 0, BUFFER_WORDS);
  return { fills, buffers: { words, uniforms: numbers, normals: numbers } };
}

// Locals of the function: five numbers for the key follow the range of memory and the counter.
const START = 0;
const END = 1;
const LOW = 2;
const HIGH = 3;
const KEY = 4;
const X = 9;
const KEYS = 13;
const SCRATCH = 18;

/** What is done to the words of four blocks before they are stored. */
const CONVERSIONS: readonly (readonly [Filling, Code])[] = [
  ['words', []],
  ['uniforms', toUniforms()],
  ['normals', [...toUniforms(), ...boxMuller(X, X + 1, SCRATCH), ...boxMuller(X + 2, X + 3, SCRATCH)]],
];

function assemble(): Uint8Array<ArrayBuffer> {
  const signature = [0x60, ...vector(Array.from({ length: 9 }, () => [I32])), 0];
  const vectors = SCRATCH + SCRATCH_LOCALS - X;
  const functions = CONVERSIONS.map(([, convert]) => {
    const code = [...vector([[vectors, V128]]), ...body(convert), OP.end];
    return [...unsigned(code.length), ...code];
  });
  const exported = [...CONVERSIONS.map(([name], i) => [...text(name), 0, i]), [...text('memory'), 2, 0]];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, vector([signature])),
    ...section(3, vector(CONVERSIONS.map(() => [0]))),
    ...section(5, vector([[0, (BUFFER_WORDS * 4) / PAGE_BYTES]])),
    ...section(7, vector(exported)),
    ...section(10, vector(functions)),
  ]);
}

function body(convert: Code): number[] {
  const splatKeys = [0, 1, 2, 3, 4].flatMap((i) => set(KEYS + i, [...get(KEY + i), ...simd(SIMD.splat)]));
  return [...splatKeys, OP.loop, 0x40, ...encryptGroup(), ...convert, ...storeGroup(), ...advance(), OP.end];
}

function toUniforms(): number[] {
  return [0, 1, 2, 3].flatMap((w) => {
    const scaled = apply(SIMD.floatMultiply, apply(SIMD.toFloatUnsigned, get(X + w)), floats(2 ** -32));
    const above = apply(SIMD.floatMaximum, scaled, floats(2 ** -33));
    return set(X + w, apply(SIMD.floatMinimum, above, floats(1 - 2 ** -24)));
  });
}

/** Lane b of X0 … X3 is word 0 … 3 of block b. */
function encryptGroup(): number[] {
  const counters = sum([...get(LOW), ...simd(SIMD.splat)], lanes(Int32Array.of(0, 1, 2, 3)));
  return [
    ...set(X, sum(counters, get(KEYS))),
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
  const rotated = apply(SIMD.or, shift(SIMD.shiftLeft, get(b), by), shift(SIMD.shiftRight, get(b), 32 - by));
  return [...set(a, sum(get(a), get(b))), ...set(b, apply(SIMD.xor, rotated, get(a)))];
}

function injectKey(injection: number): number[] {
  const words = [0, 1, 2, 3].flatMap((w) => set(X + w, sum(get(X + w), get(KEYS + ((injection + w) % 5)))));
  return [...words, ...set(X + 3, sum(get(X + 3), integers(injection)))];
}

/** Turns four lanes of four words into four blocks, and stores them one after the other. */
function storeGroup(): number[] {
  const [ofFirst, ofLast] = [SCRATCH, SCRATCH + 1];
  const twoBlocks = (lanesOf: readonly number[], first: number) => [
    ...set(ofFirst, shuffle(X, X + 1, lanesOf)),
    ...set(ofLast, shuffle(X + 2, X + 3, lanesOf)),
    ...store(first, shuffle(ofFirst, ofLast, [0, 1, 4, 5])),
    ...store(first + 1, shuffle(ofFirst, ofLast, [2, 3, 6, 7])),
  ];
  return [...twoBlocks([0, 4, 1, 5], 0), ...twoBlocks([2, 6, 3, 7], 2)];
}

function store(block: number, value: Code): number[] {
  return [...get(START), ...value, ...simd(SIMD.store), 4, ...unsigned(block * 16)];
}

/** Lanes of two vectors: 0 … 3 are those of the first, 4 … 7 of the second. */
function shuffle(first: number, second: number, chosen: readonly number[]): number[] {
  const bytes = chosen.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));
  return [...get(first), ...get(second), ...simd(SIMD.shuffle), ...bytes];
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

function sum(a: Code, b: Code): number[] {
  return apply(SIMD.add, a, b);
}
