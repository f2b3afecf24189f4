import { RandomStream } from '../../../core/plugin-api/index.js';
import type { HeldColumn } from './conditions.js';
import type { DpAutoregressiveModel } from './model.js';
import { RowSampler } from './row-sampler.js';

const TRIALS = 256;
/** Equally weighted candidates that a row should be chosen from. */
const WANTED_CANDIDATES = 8;
const MOST_CANDIDATES = 256;
const ALL_ALIKE = 0.999;

/**
 * Rows that meet conditions, by sampling-importance resampling (Rubin 1988): of several candidates that do, each drawn column
 * after column, one is taken in proportion to the probability that the model keeps to the conditions on its way. A trial
 * tells how many are needed.
 */
export class RowSource {
  /** Candidates drawn for a row. */
  readonly candidates: number;
  readonly #sampler: RowSampler;
  readonly #choice: RandomStream;

  constructor(model: DpAutoregressiveModel, held: readonly HeldColumn[], seed: number) {
    const allowed = held.map((column) => column.allowed);
    this.#sampler = new RowSampler(model, allowed, seed, 'rows');
    this.#choice = new RandomStream(seed, 'dp-autoregressive.choice');
    const trial = new RowSampler(model, allowed, seed, 'trial');
    const isFree = allowed.every((shares) => shares === null);
    this.candidates = isFree ? 1 : candidatesFor(Array.from({ length: TRIALS }, (_, i) => trial.draw(i)));
  }

  /** Writes the codes of row `row` to place `place` of the columns; false where no candidate is possible. */
  draw(row: number, columns: readonly Uint16Array[], place: number): boolean {
    let best = -Infinity;
    for (let i = 0; i < this.candidates; i++) {
      const index = row * this.candidates + i;
      const logWeight = this.#sampler.draw(index);
      // The largest of log weights with Gumbel noise is drawn in proportion to the weights.
      const key = logWeight - Math.log(-Math.log(this.#choice.preciseUniformAt(index)));
      if (!(key > best)) continue;
      best = key;
      columns.forEach((codes, c) => (codes[place] = this.#sampler.code(c)));
    }
    return best > -Infinity;
  }
}

/** As many as it takes for the wanted number by Kish's effective sample size. */
function candidatesFor(logWeights: readonly number[]): number {
  const most = Math.max(...logWeights);
  if (most === -Infinity) return MOST_CANDIDATES;
  const weights = logWeights.map((logWeight) => Math.exp(logWeight - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  const squares = weights.reduce((a, b) => a + b * b, 0);
  const share = (sum * sum) / (squares * weights.length);
  return share > ALL_ALIKE ? 1 : Math.min(MOST_CANDIDATES, Math.ceil(WANTED_CANDIDATES / share));
}
