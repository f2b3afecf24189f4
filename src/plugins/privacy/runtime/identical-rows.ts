import { knownScore, type Score, unknownScore } from '../../../core/plugin-api/index.js';
import type { SpaceRows } from './distance/row-space.js';

/** The share of rows equal to some row of the other table in every column: all rows of both, by their 64-bit hashes. */
export function identicalShare(rows: SpaceRows, others: SpaceRows): Score {
  if (rows.rowCount === 0) return unknownScore('There are no rows to compare');
  const known = new Set(hashRows(others));
  let same = 0;
  for (const hash of hashRows(rows)) if (known.has(hash)) same++;
  return knownScore(same / rows.rowCount);
}

function hashRows({ rowCount, codes, numbers }: SpaceRows): Float64Array {
  const codeCount = rowCount === 0 ? 0 : codes.length / rowCount;
  const numberCount = rowCount === 0 ? 0 : numbers.length / rowCount;
  // Each number by its two words, so that every digit counts; NaN has one form here, and −0 is 0.
  const words = new Int32Array(Float64Array.from(numbers, (value) => value + 0).buffer);
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
