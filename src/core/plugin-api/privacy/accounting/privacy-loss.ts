import { compose, type ComposedLoss, type PairRuns } from './compose.js';
import { discretise, largestLoss, lossDeviation } from './discretise.js';
import { reversed } from './loss-pair.js';
import type { MechanismRuns, NoiseMechanism } from './mechanism.js';

/** No grid is coarser, in units of the total loss where that is above 1; finer ones are taken where many small losses add up. */
const WIDEST_INTERVAL = 1e-3;
/** Where noise is so small that single losses are huge, so many cells must do. */
const MOST_CELLS = 2 ** 15;
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
  const pairs = used.map(({ mechanism, count }): PairRuns & { directed: boolean } => {
    // Every mechanism but the sampled one looks the same from either table.
    return { pair: discretise(mechanism, interval), count, directed: mechanism.type === 'sampled-gaussian' };
  });
  const shared = pairs.filter(({ directed }) => !directed);
  const removal = pairs.filter(({ directed }) => directed);
  if (removal.length === 0) return compose(shared, [[]]);
  return compose(shared, [removal, removal.map(({ pair, count }) => ({ pair: reversed(pair), count }))]);
}

function gridInterval(runs: readonly MechanismRuns[]): number {
  let variance = 0;
  let count = 0;
  let heap = 0;
  let largest = 0;
  for (const run of runs) {
    variance += run.count * lossDeviation(run.mechanism) ** 2;
    count += run.count;
    heap = Math.max(heap, heapLoss(run.mechanism));
    largest = Math.max(largest, largestLoss(run.mechanism));
  }
  const widest = WIDEST_INTERVAL * Math.max(1, Math.sqrt(variance));
  const fine = Math.min(widest, Math.sqrt((6 * VARIANCE_SHARE * variance) / count) || widest);
  const interval = Math.max(fine, largest / MOST_CELLS);
  return heap > 0 ? heap / Math.ceil(heap / interval) : interval;
}

/** Where a mechanism's loss has a probability of its own: a grid that hits it has no error there. */
function heapLoss(mechanism: NoiseMechanism): number {
  if (mechanism.type === 'approximate') return mechanism.epsilon;
  return mechanism.type === 'laplace' ? 1 / mechanism.scale : 0;
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
