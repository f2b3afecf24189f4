import type { PrivacySpent } from '../../run-context.js';
import type { MechanismRuns } from './mechanism.js';
import { epsilonOf } from './privacy-loss.js';

/** The budget is too small for what must come out of it. */
export class PrivacyBudgetError extends Error {
  override readonly name = 'PrivacyBudgetError';
}

const MOST = 1e6;
/** Part of epsilon that may stay unused. */
const SLACK = 1e-4;

export interface DpSgdPlan {
  readonly budget: PrivacySpent;
  /** Probability of a row to be in a batch, for each row on its own. */
  readonly samplingRate: number;
  readonly steps: number;
  /** What else is paid from the same budget. */
  readonly besides?: readonly MechanismRuns[];
}

/**
 * Least noise multiplier (standard deviation of the noise over the clipping norm) with which the steps of DP-SGD and all that
 * is paid beside them stay within the budget, using all but at most 1e-4 of its epsilon.
 * @throws PrivacyBudgetError when nothing is left for the steps.
 */
export function findNoiseMultiplier(
  { budget, samplingRate, steps, besides = [] }: DpSgdPlan,
  tick?: () => Promise<void>,
): Promise<number> {
  const runsAt = (noiseMultiplier: number): MechanismRuns[] => {
    return [{ mechanism: { type: 'sampled-gaussian', noiseMultiplier, samplingRate }, count: steps }];
  };
  return leastNoise(budget, besides, runsAt, tick);
}

/**
 * Least scale of noise with which `runsAt(scale)` and what is paid beside them stay within the budget, as above.
 * @param tick awaited between two trials, each of about a tenth of a second.
 */
export async function leastNoise(
  budget: PrivacySpent,
  besides: readonly MechanismRuns[],
  runsAt: (scale: number) => readonly MechanismRuns[],
  tick: () => Promise<void> = async () => undefined,
): Promise<number> {
  const spentAt = (scale: number): number => epsilonOf([...besides, ...runsAt(scale)], budget.delta);
  let low = 0;
  let high = Infinity;
  let scale = 2;
  let slope = 1;
  let last: { scale: number; spent: number } | null = null;
  for (;;) {
    await tick();
    const spent = spentAt(scale);
    if (spent <= budget.epsilon && spent >= budget.epsilon * (1 - SLACK)) return scale;
    if (spent > budget.epsilon) low = scale;
    else high = scale;
    if (low > MOST) throw new PrivacyBudgetError(tooLittle(budget, besides));
    // Noise that comes in steps, such as a discrete one's, may not meet the budget any better.
    if (high / low < 1 + SLACK) return high;
    if (last && Number.isFinite(spent) && spent > 0) {
      slope = Math.log(spent / last.spent) / Math.log(last.scale / scale) || slope;
    }
    last = Number.isFinite(spent) && spent > 0 ? { scale, spent } : null;
    scale = nextScale(scale, spent, slope, budget.epsilon * (1 - SLACK / 2), low, high);
  }
}

/** Epsilon falls nearly as a power of the noise: follow that power where it stays between what is known, else halve. */
function nextScale(scale: number, spent: number, slope: number, aim: number, low: number, high: number): number {
  const guess = scale * (spent / aim) ** (1 / slope);
  // Small noise is slow to account for: come down to it in small steps.
  const near = Math.max(scale / 2, Math.min(scale * 16, guess));
  if (near > low && near < high) return near;
  if (high === Infinity) return low * 4;
  return low === 0 ? high / 2 : Math.sqrt(low * high);
}

function tooLittle({ epsilon, delta }: PrivacySpent, besides: readonly MechanismRuns[]): string {
  const spent = epsilonOf(besides, delta);
  return `Of epsilon ${epsilon} at delta ${delta.toExponential(2)}, ${spent.toPrecision(3)} is spent otherwise: too little is left`;
}
