import { randomFillSync } from 'node:crypto';
import { RandomStream } from '../../random.js';

/** Random bits for noise. */
export interface NoiseSource {
  /** Nobody can know or repeat the bits: without that, noise protects nothing. */
  readonly secret: boolean;
  /** The next 32 random bits, as an unsigned integer. */
  word(): number;
}

const BUFFER_WORDS = 1 << 14;

/** Bits of the operating system's cryptographic generator. */
export function cryptographicNoise(): NoiseSource {
  const words = new Uint32Array(BUFFER_WORDS);
  let next = words.length;
  return {
    secret: true,
    word() {
      if (next === words.length) {
        randomFillSync(words);
        next = 0;
      }
      const word = words[next]!;
      // A word that was used is not left in memory.
      words[next++] = 0;
      return word;
    },
  };
}

/** Bits that the seed gives away: for tests, and for runs that must be repeatable and are then not private. */
export function seededNoise(seed: number, purpose: string): NoiseSource {
  const stream = new RandomStream(seed, purpose);
  let next = 0;
  return { secret: false, word: () => stream.word(next++) };
}

/** Uniform on the open interval (0, 1), 53 random bits. */
export function uniform(source: NoiseSource): number {
  const high = source.word() >>> 6;
  const low = source.word() >>> 5;
  return (high * 2 ** 27 + low + 0.5) * 2 ** -53;
}

/** Uniform on 0 … bound − 1 without bias, 1 ≤ bound ≤ 2^53. */
export function integerBelow(source: NoiseSource, bound: number): number {
  const bits = Math.max(1, Math.ceil(Math.log2(bound)));
  for (;;) {
    const low = source.word();
    const value = bits <= 32 ? low % 2 ** bits : (source.word() % 2 ** (bits - 32)) * 2 ** 32 + low;
    if (value < bound) return value;
  }
}

/** True with probability exactly numerator/denominator. */
export function bernoulli(source: NoiseSource, numerator: bigint, denominator: bigint): boolean {
  if (denominator <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return integerBelow(source, Number(denominator)) < Number(numerator);
  }
  return bigIntegerBelow(source, denominator) < numerator;
}

function bigIntegerBelow(source: NoiseSource, bound: bigint): bigint {
  const bits = bound.toString(2).length;
  for (;;) {
    let value = 0n;
    for (let have = 0; have < bits; have += 32) value = (value << 32n) | BigInt(source.word());
    value = BigInt.asUintN(bits, value);
    if (value < bound) return value;
  }
}
