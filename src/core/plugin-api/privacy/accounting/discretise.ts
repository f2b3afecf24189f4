import { normalCdf } from '../../statistics/normal.js';
import { LossPairBuilder, type LossPair } from './loss-pair.js';
import { checkMechanism, type NoiseMechanism } from './mechanism.js';

/** Normal tails beyond so many standard deviations (8e-24) count as full disclosure. */
const TAIL = 10;

/** P is the output with the row, Q the one without it; {@link reversed} gives the other direction. */
export function discretise(mechanism: NoiseMechanism, interval: number): LossPair {
  checkMechanism(mechanism);
  switch (mechanism.type) {
    case 'gaussian':
      return sampledGaussian(1, mechanism.noiseMultiplier, interval);
    case 'sampled-gaussian':
      return sampledGaussian(mechanism.samplingRate, mechanism.noiseMultiplier, interval);
    case 'discrete-gaussian':
      return discreteGaussian(mechanism.sigma, interval);
    case 'laplace':
      return laplace(mechanism.scale, interval);
    case 'approximate':
      return approximate(mechanism.epsilon, mechanism.delta, interval);
  }
}

/** Standard deviation of the privacy loss, roughly: the yardstick of the grid. */
export function lossDeviation(mechanism: NoiseMechanism): number {
  switch (mechanism.type) {
    case 'gaussian':
      return 1 / mechanism.noiseMultiplier;
    case 'discrete-gaussian':
      return 1 / mechanism.sigma;
    // The deviation of 1 + q(e^loss of the full Gaussian − 1) under Q, which bounds that of its logarithm; capped for small noise.
    case 'sampled-gaussian':
      return mechanism.samplingRate * Math.sqrt(Math.expm1(Math.min(4, mechanism.noiseMultiplier ** -2)));
    case 'laplace':
      return 1 / mechanism.scale;
    case 'approximate':
      return mechanism.epsilon;
  }
}

/** The largest loss that is told from full disclosure, roughly. */
export function largestLoss(mechanism: NoiseMechanism): number {
  switch (mechanism.type) {
    case 'gaussian':
    case 'sampled-gaussian':
      return (TAIL + 0.5 / mechanism.noiseMultiplier) / mechanism.noiseMultiplier;
    case 'discrete-gaussian':
      return (TAIL + 0.5 / mechanism.sigma) / mechanism.sigma;
    case 'laplace':
      return 1 / mechanism.scale;
    case 'approximate':
      return mechanism.epsilon;
  }
}

/** Q = N(0, σ²) and P = (1 − q)·N(0, σ²) + q·N(1, σ²). */
function sampledGaussian(rate: number, sigma: number, interval: number): LossPair {
  const lossAt = (x: number): number => Math.log1p(rate * Math.expm1((2 * x - 1) / (2 * sigma ** 2)));
  const outputAt = (loss: number): number => {
    const odds = (Math.expm1(loss) + rate) / rate;
    return odds > 0 ? sigma ** 2 * Math.log(odds) + 0.5 : -Infinity;
  };
  const lowest = -TAIL * sigma;
  const highest = 1 + TAIL * sigma;
  const builder = builderFor(lossAt(lowest), lossAt(highest), interval);
  for (let index = builder.first; index < builder.last; index++) {
    const start = Math.max(lowest, outputAt(index * interval));
    const end = Math.min(highest, outputAt((index + 1) * interval));
    if (start < end) addNormalCell(builder, index, start, end, sigma, lossAt);
  }
  const beyond = normalCdf(-highest / sigma);
  builder.addInfinite((1 - rate) * beyond + rate * normalCdf(-TAIL), normalCdf(-TAIL));
  return builder.build();
}

function builderFor(lowest: number, highest: number, interval: number): LossPairBuilder {
  return new LossPairBuilder(interval, Math.floor(lowest / interval), Math.floor(highest / interval) + 1);
}

const NODES = [-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526] as const;
const WEIGHTS = [0.3478548451374538, 0.6521451548625461, 0.6521451548625461, 0.3478548451374538] as const;
/** Widest panel of the quadrature, in standard deviations: four nodes then leave a relative error of about 1e-12. */
const PANEL = 0.2;

/** Gauss-Legendre quadrature of the two integrals of {@link LossPairBuilder.addCell} under N(0, σ²). */
function addNormalCell(
  builder: LossPairBuilder,
  index: number,
  start: number,
  end: number,
  sigma: number,
  lossAt: (x: number) => number,
): void {
  const panels = Math.ceil((end - start) / (PANEL * sigma));
  const half = (end - start) / (2 * panels);
  const lower = index * builder.interval;
  let mass = 0;
  let excess = 0;
  for (let panel = 0; panel < panels; panel++) {
    const middle = start + half * (2 * panel + 1);
    for (let node = 0; node < NODES.length; node++) {
      const x = middle + half * NODES[node]!;
      const density = WEIGHTS[node]! * Math.exp(-0.5 * (x / sigma) ** 2);
      mass += density;
      excess += density * Math.max(0, Math.expm1(lossAt(x) - lower));
    }
  }
  const scale = half / (sigma * Math.sqrt(2 * Math.PI));
  builder.addCell(index, mass * scale, excess * scale * Math.exp(lower));
}

/** Q on the integers with weights exp(−y²/2σ²), P the same around 1. */
function discreteGaussian(sigma: number, interval: number): LossPair {
  const reach = Math.ceil(TAIL * sigma) + 1;
  const weight = (y: number): number => Math.exp(-0.5 * (y / sigma) ** 2);
  let total = 0;
  for (let y = -reach; y <= reach; y++) total += weight(y);
  const lossAt = (y: number): number => (2 * y - 1) / (2 * sigma ** 2);
  const builder = builderFor(lossAt(1 - reach), lossAt(reach), interval);
  for (let y = 1 - reach; y <= reach; y++) builder.addPoint(lossAt(y), weight(y) / total);
  builder.addInfinite(weight(reach) / total, weight(reach) / total);
  return builder.build();
}

/** Q = Laplace(0, b) and P = Laplace(1, b): two heaps at losses ∓1/b and a slope between them, (2x − 1)/b. */
function laplace(scale: number, interval: number): LossPair {
  const builder = builderFor(-1 / scale, 1 / scale, interval);
  builder.addPoint(-1 / scale, 0.5);
  builder.addPoint(1 / scale, 0.5 * Math.exp(-1 / scale));
  for (let index = builder.first; index < builder.last; index++) {
    const start = Math.max(0, (index * interval * scale + 1) / 2);
    const end = Math.min(1, ((index + 1) * interval * scale + 1) / 2);
    if (start >= end) continue;
    const mass = 0.5 * Math.exp(-start / scale) * -Math.expm1((start - end) / scale);
    // Under P the density is e^{(x − 1)/b}/2b.
    const underP = 0.5 * Math.exp((start - 1) / scale) * Math.expm1((end - start) / scale);
    builder.addCell(index, mass, Math.max(0, underP - mass * Math.exp(index * interval)));
  }
  return builder.build();
}

/** Randomised response with epsilon, but disclosure with probability delta: no (ε, δ) mechanism is worse (Kairouz, Oh and Viswanath, 2015). */
function approximate(epsilon: number, delta: number, interval: number): LossPair {
  const builder = builderFor(-epsilon, epsilon, interval);
  const lie = (1 - delta) / (1 + Math.exp(epsilon));
  builder.addPoint(epsilon, lie);
  builder.addPoint(-epsilon, lie * Math.exp(epsilon));
  builder.addInfinite(delta, delta);
  return builder.build();
}
