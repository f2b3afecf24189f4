import { knownScore, type Score, successRate, unknownScore } from '../../../core/plugin-api/index.js';
import type { SpaceRows } from './distance/row-space.js';

/** The share of rows equal to some row of the other table in every column: all rows of both, by their 53-bit hashes. */
export function identicalShare(rows: SpaceRows, others: SpaceRows): Score {
  if (rows.rowCount === 0) return unknownScore('There are no rows to compare');
  return knownScore(countFound(hashRows(rows), new Set(hashRows(others))) / rows.rowCount);
}

/** Numbers this near to each other, in parts of the training range, are one for a twin. */
const TWIN_RESOLUTION = 1e-2;
/** One-sided 0.1 % on either rate. */
const TWIN_Z = 3;
/** A generator that favours common rows meets them oftener than real rows meet each other: so many times is no proof. */
const TWIN_FACTOR = 3;

/**
 * Whether far more released rows have a twin in training than real rows have among themselves: where real people are told
 * apart by their numbers, no memory is needed to say that such rows are copies.
 */
export function hasTooManyTwins(released: SpaceRows, training: SpaceRows, control: SpaceRows): boolean {
  const [given, inside, outside] = [released, training, control].map((rows) => hashRows(rows, TWIN_RESOLUTION));
  const counts = new Map<number, number>();
  for (const hash of [...inside!, ...outside!]) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const real = inside!.length + outside!.length;
  let twins = 0;
  for (const count of counts.values()) if (count > 1) twins += count;
  if (given!.length === 0 || real === 0) return false;
  const found = successRate(countFound(given!, new Set(inside)), given!.length, TWIN_Z);
  const usual = successRate(twins, real, TWIN_Z);
  return found.value - found.error > TWIN_FACTOR * (usual.value + usual.error);
}

function countFound(hashes: Float64Array, known: ReadonlySet<number>): number {
  let found = 0;
  for (const hash of hashes) if (known.has(hash)) found++;
  return found;
}

/** @param resolution numbers are rounded to it; 0 keeps every digit. */
function hashRows({ rowCount, codes, numbers }: SpaceRows, resolution = 0): Float64Array {
  const codeCount = rowCount === 0 ? 0 : codes.length / rowCount;
  const numberCount = rowCount === 0 ? 0 : numbers.length / rowCount;
  const round = resolution === 0 ? (value: number) => value : (value: number) => Math.round(value / resolution);
  // Each number by its two words, so that every digit counts; NaN has one form here, and −0 is 0.
  const words = new Int32Array(Float64Array.from(numbers, (value) => round(value) + 0).buffer);
  const hashes = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const hash = new RowHash();
    for (let c = 0; c < codeCount; c++) hash.add(codes[row * codeCount + c]!);
    for (let c = 0; c < 2 * numberCount; c++) hash.add(words[2 * row * numberCount + c]!);
    hashes[row] = hash.value;
  }
  return hashes;
}

/** Two multiplicative hashes side by side; 53 bits of them fit a double. */
class RowHash {
  #one = 0x811c9dc5;
  #two = 0x9e3779b9;

  add(word: number): void {
    this.#one = mix(this.#one ^ word, 0x85ebca6b);
    this.#two = mix(this.#two + word, 0xc2b2ae35);
  }

  get value(): number {
    return (this.#one >>> 0) * 2 ** 21 + (this.#two >>> 11);
  }
}

function mix(word: number, factor: number): number {
  const once = Math.imul(word ^ (word >>> 16), factor);
  return Math.imul(once ^ (once >>> 13), 0x27d4eb2f);
}
