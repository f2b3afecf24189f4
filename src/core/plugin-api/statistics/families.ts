import { normalCdf, normalDensity } from './normal.js';
import { incompleteBeta, incompleteGamma } from './special-functions.js';

export const PARAMETRIC_FAMILIES = ['normal', 'beta', 'truncated_normal', 'gamma', 'uniform', 'student_t'] as const;
export type ParametricFamily = (typeof PARAMETRIC_FAMILIES)[number];

/** What the fits by moments need to know of a column's values. */
export interface Moments {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly standardDeviation: number;
  /** Fourth standardised moment less 3. */
  readonly excessKurtosis: number;
}

export type Cdf = (x: number) => number;

/** The distribution function of the family with the moments given, or null where the family cannot have them. */
export function fitFamily(family: ParametricFamily, moments: Moments): Cdf | null {
  return moments.standardDeviation > 0 ? FITS[family](moments) : null;
}

const FITS: Readonly<Record<ParametricFamily, (moments: Moments) => Cdf | null>> = {
  normal:
    ({ mean, standardDeviation }) =>
    (x) =>
      normalCdf((x - mean) / standardDeviation),
  uniform:
    ({ minimum, maximum }) =>
    (x) =>
      Math.min(1, Math.max(0, (x - minimum) / (maximum - minimum))),
  beta: fitBeta,
  truncated_normal: fitTruncatedNormal,
  gamma: fitGamma,
  student_t: fitStudentT,
};

/** Beta over the observed range. */
function fitBeta({ minimum, maximum, mean, standardDeviation }: Moments): Cdf | null {
  const range = maximum - minimum;
  const m = (mean - minimum) / range;
  const concentration = (m * (1 - m)) / (standardDeviation / range) ** 2 - 1;
  if (!(concentration > 0)) return null;
  return (x) => incompleteBeta((x - minimum) / range, m * concentration, (1 - m) * concentration);
}

/** Gamma that begins at the observed minimum. */
function fitGamma({ minimum, mean, standardDeviation }: Moments): Cdf {
  const shape = ((mean - minimum) / standardDeviation) ** 2;
  const scale = standardDeviation ** 2 / (mean - minimum);
  return (x) => incompleteGamma(shape, (x - minimum) / scale);
}

/** Student's t: the excess kurtosis 6/(ν − 4) gives the degrees of freedom, the variance ν/(ν − 2) the scale. */
function fitStudentT({ mean, standardDeviation, excessKurtosis }: Moments): Cdf | null {
  if (!(excessKurtosis > 0)) return null;
  const freedom = 4 + 6 / excessKurtosis;
  const scale = standardDeviation * Math.sqrt((freedom - 2) / freedom);
  return (x) => {
    const t = (x - mean) / scale;
    const tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
    return t < 0 ? tail : 1 - tail;
  };
}

/** A normal cut at the observed range; its two parameters are moved until mean and deviation after the cut are as observed. */
function fitTruncatedNormal({ minimum, maximum, mean, standardDeviation }: Moments): Cdf {
  let location = mean;
  let scale = standardDeviation;
  for (let round = 0; round < 200; round++) {
    const cut = momentsOfCut((minimum - location) / scale, (maximum - location) / scale);
    const meanError = mean - (location + scale * cut.mean);
    const ratio = standardDeviation / (scale * cut.deviation);
    if (Math.abs(meanError) < 1e-9 * standardDeviation && Math.abs(ratio - 1) < 1e-9) break;
    location = clamp(location + meanError, minimum - 3 * (maximum - minimum), maximum + 3 * (maximum - minimum));
    scale = Math.min(scale * ratio, 10 * (maximum - minimum));
  }
  const low = normalCdf((minimum - location) / scale);
  const high = normalCdf((maximum - location) / scale);
  return (x) => (normalCdf((clamp(x, minimum, maximum) - location) / scale) - low) / (high - low);
}

/** Mean and deviation of the standard normal cut to [a, b]. */
function momentsOfCut(a: number, b: number): { mean: number; deviation: number } {
  const mass = Math.max(normalCdf(b) - normalCdf(a), 1e-300);
  const mean = (normalDensity(a) - normalDensity(b)) / mass;
  const variance = 1 + (a * normalDensity(a) - b * normalDensity(b)) / mass - mean * mean;
  return { mean, deviation: Math.sqrt(Math.max(variance, 1e-12)) };
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}
