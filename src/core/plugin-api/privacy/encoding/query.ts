import { PrivacyBudgetError } from '../accounting/calibrate.js';
import { DiscreteGaussian, MOST_SIGMA } from '../noise/discrete-noise.js';
import type { NoiseSource } from '../noise/noise-source.js';
import { noisyCounts } from './noisy-counts.js';

/** What an encoding asks of a column, each a set of counts that one row moves by one. */
export type QueryPurpose = 'grid' | 'magnitudes' | 'range' | 'counts';

/** Noise of each query in units of the noise of the final counts: finding a range needs hardly less precision than the range's counts. */
export const QUERY_NOISE: Readonly<Record<QueryPurpose, number>> = {
  grid: 4,
  magnitudes: 1.25,
  range: 1.25,
  counts: 1,
};

/** A count that noise alone passes with probability below 1e-4. */
export const NOISE_QUANTILE = 4;

/** Answers a column's queries with noise; asking what was not planned is a fault. */
export class NoisyAnswers {
  readonly #left: QueryPurpose[];

  constructor(
    planned: readonly QueryPurpose[],
    private readonly baseSigma: number,
    private readonly source: NoiseSource,
  ) {
    this.#left = [...planned];
  }

  sigma(purpose: QueryPurpose): number {
    return noiseOf(purpose, this.baseSigma).sigma;
  }

  ask(purpose: QueryPurpose, counts: ArrayLike<number>): Float64Array {
    const position = this.#left.indexOf(purpose);
    if (position < 0) throw new Error(`The query "${purpose}" was not charged, or was asked before`);
    this.#left.splice(position, 1);
    return noisyCounts(counts, noiseOf(purpose, this.baseSigma), this.source);
  }
}

/** @throws PrivacyBudgetError where the noise would be beyond use. */
export function noiseOf(purpose: QueryPurpose, baseSigma: number): DiscreteGaussian {
  const sigma = QUERY_NOISE[purpose] * baseSigma;
  if (sigma > MOST_SIGMA) throw new PrivacyBudgetError('The encoding has too little epsilon to count anything');
  return new DiscreteGaussian(sigma);
}
