import { logGamma } from '../../statistics/special-functions.js';
import { logAdd, logNormalUpperTail, logSubtract } from './log-space.js';
import { checkMechanism, type MechanismRuns, type NoiseMechanism } from './mechanism.js';

/** The usual grid of orders: 1.1 to 10.9 by 0.1, then 12 to 63. */
export const RENYI_ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 52 }, (_, i) => i + 12),
];

/**
 * How a curve of Rényi divergences becomes an epsilon: `improved` is Theorem 21 of Balle et al., "Hypothesis testing
 * interpretations and Rényi differential privacy" (arXiv 1905.09982); `classic` is Mironov's of 2017, kept for comparison.
 */
export type RenyiConversion = 'improved' | 'classic';

/** Epsilon at `delta` of all runs together, by Rényi differential privacy: an upper bound, looser than {@link epsilonOf}. */
export function renyiEpsilon(
  runs: readonly MechanismRuns[],
  delta: number,
  options: { readonly orders?: readonly number[]; readonly conversion?: RenyiConversion } = {},
): number {
  const { orders = RENYI_ORDERS, conversion = 'improved' } = options;
  // The failure probability of approximate mechanisms is paid from delta itself.
  const left = delta - runs.reduce((sum, { mechanism, count }) => sum + count * failureProbability(mechanism), 0);
  if (!(left > 0)) return Infinity;
  const bounds = orders.map((order) => {
    const divergence = runs.reduce((sum, run) => sum + run.count * renyiDivergence(run.mechanism, order), 0);
    const classic = divergence - Math.log(left) / (order - 1);
    return conversion === 'classic' ? classic : classic + Math.log1p(-1 / order) - Math.log(order) / (order - 1);
  });
  return Math.max(0, Math.min(...bounds));
}

/** Largest Rényi divergence of the given order (above 1) between the outputs on two neighbouring tables. */
export function renyiDivergence(mechanism: NoiseMechanism, order: number): number {
  checkMechanism(mechanism);
  switch (mechanism.type) {
    case 'gaussian':
      return order / (2 * mechanism.noiseMultiplier ** 2);
    // Canonne, Kamath and Steinke, "The discrete Gaussian for differential privacy" (arXiv 2004.00010): never above the continuous one.
    case 'discrete-gaussian':
      return order / (2 * mechanism.sigma ** 2);
    case 'sampled-gaussian':
      return sampledGaussian(mechanism.samplingRate, mechanism.noiseMultiplier, order);
    case 'laplace':
      return laplace(mechanism.scale, order);
    case 'approximate':
      return randomizedResponse(mechanism.epsilon, order);
  }
}

function failureProbability(mechanism: NoiseMechanism): number {
  return mechanism.type === 'approximate' ? mechanism.delta : 0;
}

/** Mironov, "Rényi differential privacy" (arXiv 1702.07476), table II. */
function laplace(scale: number, order: number): number {
  const up = Math.log(order / (2 * order - 1)) + (order - 1) / scale;
  const down = Math.log((order - 1) / (2 * order - 1)) - order / scale;
  return logAdd(up, down) / (order - 1);
}

function randomizedResponse(epsilon: number, order: number): number {
  const logTruth = -Math.log1p(Math.exp(-epsilon));
  const logLie = logTruth - epsilon;
  const same = order * logTruth + (1 - order) * logLie;
  const other = order * logLie + (1 - order) * logTruth;
  return logAdd(same, other) / (order - 1);
}

/** Mironov, Talwar and Zhang, "Rényi differential privacy of the sampled Gaussian mechanism" (arXiv 1908.10530), section 3.3. */
function sampledGaussian(rate: number, sigma: number, order: number): number {
  if (rate === 1) return order / (2 * sigma ** 2);
  const moment = Number.isInteger(order) ? logMomentWhole(rate, sigma, order) : logMoment(rate, sigma, order);
  return moment / (order - 1);
}

function logMomentWhole(rate: number, sigma: number, order: number): number {
  let sum = -Infinity;
  for (let k = 0; k <= order; k++) {
    const term = logBinomial(order, k) + k * Math.log(rate) + (order - k) * Math.log1p(-rate);
    sum = logAdd(sum, term + (k * k - k) / (2 * sigma ** 2));
  }
  return sum;
}

function logBinomial(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** The two infinite series of fractional orders, split where both parts of the mixture weigh the same. */
function logMoment(rate: number, sigma: number, order: number): number {
  const split = sigma ** 2 * Math.log(1 / rate - 1) + 0.5;
  const [logRate, logRest] = [Math.log(rate), Math.log1p(-rate)];
  let below = -Infinity;
  let above = -Infinity;
  let logCoefficient = 0;
  let sign = 1;
  for (let k = 0; ; k++) {
    const rest = order - k;
    const first = logCoefficient + k * logRate + rest * logRest + (k * k - k) / (2 * sigma ** 2);
    const second = logCoefficient + rest * logRate + k * logRest + (rest * rest - rest) / (2 * sigma ** 2);
    const lower = first + logNormalUpperTail((k - split) / sigma);
    const upper = second + logNormalUpperTail((split - rest) / sigma);
    const combine = sign > 0 ? logAdd : logSubtract;
    below = combine(below, lower);
    above = combine(above, upper);
    if (Math.max(lower, upper) < -30 && k > order) return logAdd(below, above);
    logCoefficient += Math.log(Math.abs(rest / (k + 1)));
    if (rest < 0) sign = -sign;
  }
}
