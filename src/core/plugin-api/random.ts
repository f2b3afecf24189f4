import { type Filling, PARITY, ROTATIONS, threefryPieces } from './threefry-simd.js';

/**
 * Seeded, counter-based random numbers: value i of a stream depends on (seed, purpose, i) alone, so that rows can be
 * made in any order, in batches of any size, and come out the same.
 * Threefry-4x32 with 20 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export class RandomStream {
  readonly #key: Uint32Array;
  readonly #block = new Uint32Array(4);
  #cursor = 0;
  #blockIndex = -1;

  /** @param purpose names the stream (`'fit.noise'`): streams of one seed are independent. */
  constructor(seed: number, purpose: string) {
    // The purpose is absorbed four words at a time by the cipher itself, as in a Davies-Meyer hash.
    const key = new Uint32Array([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, purpose.length, 0]);
    const words = new Uint32Array(4);
    for (let start = 0; start < purpose.length || start === 0; start += 8) {
      for (let w = 0; w < 4; w++) {
        const low = purpose.charCodeAt(start + 2 * w) || 0;
        const high = purpose.charCodeAt(start + 2 * w + 1) || 0;
        words[w] = low | (high << 16);
      }
      const mixed = threefry4x32(words, key, new Uint32Array(4));
      for (let w = 0; w < 4; w++) key[w] = mixed[w]! ^ words[w]!;
    }
    this.#key = key;
  }

  /** Word `index` of the stream, 0 ≤ index < 2^53: 32 random bits. */
  word(index: number): number {
    const blockIndex = Math.floor(index / 4);
    if (blockIndex !== this.#blockIndex) this.#load(blockIndex);
    return this.#block[index - blockIndex * 4]!;
  }

  /** Value `index`, uniform on the open interval (0, 1), a multiple of 2^-33: for float32 work. Uses word `index`. */
  uniformAt(index: number): number {
    return (this.word(index) + 0.5) * 2 ** -32;
  }

  /** Value `index`, uniform on the open interval (0, 1) with 53 random bits. Uses words 2·index and 2·index + 1. */
  preciseUniformAt(index: number): number {
    return toPrecise(this.word(2 * index), this.word(2 * index + 1));
  }

  /** `out[i]` = uniformAt(offset + i); in a Float32Array within 2^-24 of it, and never 0 or 1. */
  fillUniform(out: Float32Array | Float64Array, offset: number): void {
    if (out instanceof Float32Array) this.#fill('uniforms', out, offset);
    else for (let i = 0; i < out.length; i++) out[i] = this.uniformAt(offset + i);
  }

  /**
   * `out[i]` = standard normal number `offset + i`, to float32 accuracy, between −6.8 and 6.8. Numbers 2k and 2k + 1 are made
   * of words 2k and 2k + 1.
   */
  fillNormal(out: Float32Array, offset: number): void {
    this.#fill('normals', out, offset);
  }

  /** `out[i]` = preciseUniformAt(offset + i). */
  fillPrecise(out: Float64Array, offset: number): void {
    const words = new Uint32Array(2 * out.length);
    this.fillWords(words, 2 * offset);
    for (let i = 0; i < out.length; i++) out[i] = toPrecise(words[2 * i]!, words[2 * i + 1]!);
  }

  /** `out[i]` = word(offset + i). */
  fillWords(out: Uint32Array, offset: number): void {
    this.#fill('words', out, offset);
  }

  /** The next value of the stream read in order, uniform on (0, 1): for loops that need no random access. */
  next(): number {
    return this.preciseUniformAt(this.#cursor++);
  }

  /** The next integer of the stream read in order, uniform on 0 … bound − 1, bound ≤ 2^32. */
  nextInteger(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends { length: number; [index: number]: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.nextInteger(i + 1);
      const item = items[i]!;
      items[i] = items[j]!;
      items[j] = item;
    }
    return items;
  }

  #fill(filling: Filling, out: Float32Array | Uint32Array, offset: number): void {
    const block = Math.floor(offset / 4);
    const skipped = offset - block * 4;
    threefryPieces(filling, this.#key, block, skipped + out.length, (piece, at) => copyPart(piece, at, skipped, out));
  }

  #load(blockIndex: number): void {
    counter[0] = blockIndex >>> 0;
    counter[1] = Math.floor(blockIndex / 2 ** 32);
    threefry4x32(counter, this.#key, this.#block);
    this.#blockIndex = blockIndex;
  }
}

const counter = new Uint32Array(4);

/** 53 bits of two words, and half a step, so that neither 0 nor 1 comes out. */
function toPrecise(high: number, low: number): number {
  return ((high >>> 6) * 2 ** 27 + (low >>> 5) + 0.5) * 2 ** -53;
}

/** Copies what a piece that starts at place `at` has of the range that starts at place `skipped`. */
function copyPart(
  piece: Float32Array | Uint32Array,
  at: number,
  skipped: number,
  out: Float32Array | Uint32Array,
): void {
  const from = Math.max(skipped - at, 0);
  const to = Math.min(piece.length, skipped + out.length - at);
  if (to > from) out.set(piece.subarray(from, to), at + from - skipped);
}

/** The block function: four counter words under four key words, 20 rounds, written into `out`. */
export function threefry4x32(block: Uint32Array, key: Uint32Array, out: Uint32Array): Uint32Array {
  const keys = [key[0]!, key[1]!, key[2]!, key[3]!, PARITY ^ key[0]! ^ key[1]! ^ key[2]! ^ key[3]!];
  let x0 = (block[0]! + keys[0]!) | 0;
  let x1 = (block[1]! + keys[1]!) | 0;
  let x2 = (block[2]! + keys[2]!) | 0;
  let x3 = (block[3]! + keys[3]!) | 0;
  for (let round = 0; round < 20; round++) {
    const r0 = ROTATIONS[(round % 8) * 2]!;
    const r1 = ROTATIONS[(round % 8) * 2 + 1]!;
    if (round % 2 === 0) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r0) | (x1 >>> (32 - r0))) ^ x0;
      x2 = (x2 + x3) | 0;
      x3 = ((x3 << r1) | (x3 >>> (32 - r1))) ^ x2;
    } else {
      x0 = (x0 + x3) | 0;
      x3 = ((x3 << r0) | (x3 >>> (32 - r0))) ^ x0;
      x2 = (x2 + x1) | 0;
      x1 = ((x1 << r1) | (x1 >>> (32 - r1))) ^ x2;
    }
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + keys[injection % 5]!) | 0;
      x1 = (x1 + keys[(injection + 1) % 5]!) | 0;
      x2 = (x2 + keys[(injection + 2) % 5]!) | 0;
      x3 = (x3 + keys[(injection + 3) % 5]! + injection) | 0;
    }
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
  return out;
}
