import { RandomStream } from '../../plugin-api/index.js';

/** Values of the counted positions: enough for any table, few enough for exact products in doubles. */
const MOST_COUNTED = 2 ** 26;

/**
 * Different values of one mask, in an order that shows no counter: value j is a·j + b modulo the number of values of
 * the leading positions, with a prime to that number, so that no value comes twice; later positions are random. When
 * all are used, a suffix numbers the rounds.
 */
export class MaskValues {
  readonly #parts: readonly (string | null)[];
  readonly #letters: readonly string[];
  readonly #counted: number;
  readonly #capacity: number;
  readonly #factor: number;
  readonly #shift: number;
  readonly #random: RandomStream;
  #used = 0;

  constructor(mask: string, classes: Readonly<Record<string, string>>, seed: number, purpose: string) {
    const positions = [...mask];
    this.#parts = positions.map((position) => (Object.hasOwn(classes, position) ? null : position));
    this.#letters = positions.flatMap((position) => (Object.hasOwn(classes, position) ? [classes[position]!] : []));
    this.#random = new RandomStream(seed, purpose);
    let capacity = 1;
    let counted = 0;
    while (counted < this.#letters.length && capacity * this.#letters[counted]!.length <= MOST_COUNTED) {
      capacity *= this.#letters[counted++]!.length;
    }
    this.#capacity = capacity;
    this.#counted = counted;
    this.#factor = primeTo(capacity, Math.floor(this.#random.next() * capacity));
    this.#shift = Math.floor(this.#random.next() * capacity);
  }

  next(): string {
    const j = this.#used++;
    const round = Math.floor(j / this.#capacity);
    let rest = (this.#factor * (j % this.#capacity) + this.#shift) % this.#capacity;
    let position = 0;
    let text = '';
    for (const part of this.#parts) {
      if (part !== null) {
        text += part;
        continue;
      }
      const letters = this.#letters[position++]!;
      if (position <= this.#counted) {
        text += letters[rest % letters.length];
        rest = Math.floor(rest / letters.length);
      } else text += letters[this.#random.nextInteger(letters.length)];
    }
    return round === 0 ? text : `${text}~${round}`;
  }
}

/** The first number from `start` on that shares no factor with `capacity`. */
function primeTo(capacity: number, start: number): number {
  for (let factor = Math.max(1, start); ; factor++) if (greatestCommonDivisor(factor, capacity) === 1) return factor;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
