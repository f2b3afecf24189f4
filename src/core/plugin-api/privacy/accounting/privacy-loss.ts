import { compose, type ComposedLoss, type PairRuns } from './compose.js';
import { discretise, lossDeviation } from './discretise.js';
import { reversed } from './loss-pair.js';
import type { MechanismRuns } from './mechanism.js';

/** No grid is coarser; finer ones are taken where many small losses add up. */
const WIDEST_INTERVAL = 2e-4;
/** Part of the variance of the total loss that the grid may add. */
const VARIANCE_SHARE = 4e-5;

/**
 * Least epsilon for which all runs together are (epsilon, `delta`) differentially private under adding or removing one row,
 * by privacy loss distributions: exact but for a small error on the safe side. Infinite where none is.
 */
export function epsilonOf(runs: readonly MechanismRuns[], delta: number): number {
  return Math.max(0, ...bothDirections(runs).map((loss) => epsilonOfLoss(loss, delta)));
}

/** Least delta for the given epsilon, as in {@link epsilonOf}. */
export function deltaOf(runs: readonly MechanismRuns[], epsilon: number): number {
  return Math.max(0, ...bothDirections(runs).map((loss) => deltaOfLoss(loss, epsilon)));
}

function bothDirections(runs: readonly MechanismRuns[]): ComposedLoss[] {
  const used = runs.filter(({ count }) => count > 0);
  if (used.length === 0) return [];
  const interval = gridInterval(used);
  const removal = used.map(({ mechanism, count }): PairRuns => {
    return { pair: discretise(mechanism, interval), count };
  });
  // Every mechanism but the sampled one looks the same from either table.
  if (!used.some(({ mechanism }) => mechanism.type === 'sampled-gaussian')) return [compose(removal)];
  const addition = removal.map(({ pair, count }): PairRuns => ({ pair: reversed(pair), count }));
  return [compose(removal), compose(addition)];
}

function gridInterval(runs: readonly MechanismRuns[]): number {
  let variance = 0;
  let count = 0;
  for (const run of runs) {
    variance += run.count * lossDeviation(run.mechanism) ** 2;
    count += run.count;
  }
  return Math.min(WIDEST_INTERVAL, Math.sqrt((6 * VARIANCE_SHARE * variance) / count) || WIDEST_INTERVAL);
}

/** delta(ε) = P(loss is infinite) + Σ over losses above ε of p·(1 − e^{ε − loss}). */
function deltaOfLoss({ interval, first, masses, infinite }: ComposedLoss, epsilon: number): number {
  let delta = infinite;
  for (let i = masses.length - 1; i >= 0 && (first + i) * interval > epsilon; i--) {
    delta -= masses[i]! * Math.expm1(epsilon - (first + i) * interval);
  }
  return delta;
}

function epsilonOfLoss({ interval, first, masses, infinite }: ComposedLoss, delta: number): number {
  if (infinite >= delta) return Infinity;
  // Above the present grid point: P mass (with the infinite part) and Q mass.
  let above = infinite;
  let aboveQ = 0;
  for (let i = masses.length - 1; i >= 0; i--) {
    const loss = (first + i) * interval;
    if (above - Math.exp(loss) * aboveQ > delta || loss <= 0) break;
    above += masses[i]!;
    aboveQ += masses[i]! * Math.exp(-loss);
  }
  return above <= delta ? 0 : Math.log((above - delta) / aboveQ);
}
