import { RandomStream } from '../../plugin-api/index.js';
import { TableError } from '../table-error.js';
import { CLASS_LETTERS, type FillPattern, LOWER } from './fill-pattern.js';
import { MaskValues } from './mask-values.js';
import { ValueFilter } from './value-filter.js';

/** A column's fresh values in row order: all different, none of the real ones. The same seed gives the same values. */
export interface FreshValues {
  next(): string;
}

/** For a column of which nothing is known: long enough never to meet a real value by chance. */
const UNKNOWN: FillPattern = { type: 'masks', masks: [{ mask: LOWER.repeat(20), weight: 1 }] };

export function createFreshValues(pattern: FillPattern | undefined, seed: number, purpose: string): FreshValues {
  const used = pattern ?? UNKNOWN;
  return used.type === 'integers' ? new FreshIntegers(used.first, used.step) : new FreshMasks(used, seed, purpose);
}

class FreshIntegers implements FreshValues {
  #next: bigint;
  readonly #step: bigint;

  constructor(first: string, step: string) {
    this.#next = BigInt(first);
    this.#step = BigInt(step);
  }

  next(): string {
    const value = this.#next;
    this.#next += this.#step;
    if (value >= 10n ** 38n || value <= -(10n ** 38n)) {
      throw new TableError('exhausted_pattern', 'No integers are left beyond those of the column');
    }
    return String(value);
  }
}

class FreshMasks implements FreshValues {
  readonly #masks: readonly MaskValues[];
  /** Upper ends of the masks' shares of (0, 1). */
  readonly #ends: readonly number[];
  readonly #choice: RandomStream;
  readonly #avoid: ValueFilter | null;
  #row = 0;

  constructor(pattern: Extract<FillPattern, { type: 'masks' }>, seed: number, purpose: string) {
    const total = pattern.masks.reduce((sum, { weight }) => sum + weight, 0);
    let reached = 0;
    this.#ends = pattern.masks.map(({ weight }) => (reached += weight) / total);
    this.#masks = pattern.masks.map(({ mask }, i) => new MaskValues(mask, CLASS_LETTERS, seed, `${purpose}.mask${i}`));
    this.#choice = new RandomStream(seed, `${purpose}.choice`);
    this.#avoid = pattern.avoid === undefined ? null : ValueFilter.decode(pattern.avoid);
  }

  next(): string {
    const u = this.#choice.uniformAt(this.#row++);
    const mask =
      this.#masks[
        Math.max(
          0,
          this.#ends.findIndex((end) => u < end),
        )
      ]!;
    for (;;) {
      const value = mask.next();
      if (this.#avoid === null || !this.#avoid.has(value)) return value;
    }
  }
}
