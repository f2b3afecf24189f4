import { RandomStream } from '../../plugin-api/index.js';
import type { StoredColumn } from '../description.js';
import { createFreshValues, type FreshValues } from './fresh-values.js';

/** A column that was set aside: fresh values, missing as often as in the real column. Depends on the seed and the row alone. */
export class FilledColumn {
  readonly #values: FreshValues;
  readonly #missing: RandomStream;
  readonly #missingFraction: number;
  #row = 0;

  constructor(
    column: StoredColumn,
    readonly position: number,
    seed: number,
  ) {
    const unknown = column.storage.type === 'integer' ? integersAbove(column.maximum ?? 0) : undefined;
    this.#values = createFreshValues(column.fill ?? unknown, seed, `fill.${position}`);
    this.#missing = new RandomStream(seed, `fill.${position}.missing`);
    this.#missingFraction = column.missingFraction;
  }

  next(count: number): (string | null)[] {
    return Array.from({ length: count }, () => {
      return this.#missing.uniformAt(this.#row++) < this.#missingFraction ? null : this.#values.next();
    });
  }
}

/** For an integer column that only its owner calls an identifier. */
function integersAbove(maximum: number) {
  return { type: 'integers', first: String(BigInt(Math.floor(maximum)) + 1n), step: '1' } as const;
}
