import type { DiscreteGaussian } from '../noise/discrete-noise.js';
import type { NoiseSource } from '../noise/noise-source.js';

/** Counts of disjoint groups of rows with independent noise on each: one row moves one count by one. */
export function noisyCounts(counts: ArrayLike<number>, noise: DiscreteGaussian, source: NoiseSource): Float64Array {
  return Float64Array.from(counts, (count) => count + noise.draw(source));
}

/**
 * Non-negative counts that sum to `total`. Where noise makes them too many, the nearest such counts: a constant is taken from
 * each, and what falls below 0 is 0 ("norm-sub"; Wang et al., "Locally differentially private frequency estimation with
 * consistency", NDSS 2020). Where they are too few, for want of what was not released, they are scaled up.
 */
export function consistentCounts(noisy: ArrayLike<number>, total: number): Float64Array {
  const positive = Float64Array.from(noisy, (count) => Math.max(0, count));
  const positiveSum = positive.reduce((sum, count) => sum + count, 0);
  if (positiveSum === 0) return positive.fill(total / positive.length);
  if (positiveSum < total) return positive.map((count) => (count * total) / positiveSum);
  const descending = Float64Array.from(noisy).toSorted().toReversed();
  let sum = 0;
  let shift = 0;
  for (let k = 0; k < descending.length; k++) {
    sum += descending[k]!;
    const candidate = (sum - total) / (k + 1);
    if (descending[k]! - candidate <= 0) break;
    shift = candidate;
  }
  return Float64Array.from(noisy, (count) => Math.max(0, count - shift));
}

/** Least count that a group of one row passes, noise added, with probability at most `delta`. */
export function disclosureThreshold(sigma: number, delta: number): number {
  const reach = Math.ceil(40 * sigma) + 1;
  let total = 0;
  for (let y = -reach; y <= reach; y++) total += Math.exp(-0.5 * (y / sigma) ** 2);
  let tail = 0;
  for (let y = reach; y > 0; y--) {
    tail += Math.exp(-0.5 * (y / sigma) ** 2) / total;
    if (tail > delta) return y + 2;
  }
  return 2;
}
