import { bernoulli, integerBelow, type NoiseSource } from './noise-source.js';

/*
 * Integer noise drawn exactly, by integer arithmetic alone: the low bits of a floating-point sample give its noise away
 * (Mironov, "On significance of the least significant bits for differential privacy", CCS 2012). The samplers are those of
 * Canonne, Kamath and Steinke, "The discrete Gaussian for differential privacy" (arXiv 2004.00010), algorithms 1 to 3.
 */

/** True with probability exactly exp(−numerator/denominator). */
export function bernoulliExp(source: NoiseSource, numerator: bigint, denominator: bigint): boolean {
  for (let left = numerator; left > denominator; left -= denominator) {
    if (!bernoulliExpBelowOne(source, 1n, 1n)) return false;
    numerator = left - denominator;
  }
  return bernoulliExpBelowOne(source, numerator, denominator);
}

/** von Neumann's series: the first failing trial of exponent/1, exponent/2, … is odd-numbered with the wanted probability. */
function bernoulliExpBelowOne(source: NoiseSource, numerator: bigint, denominator: bigint): boolean {
  let trial = 1n;
  while (bernoulli(source, numerator, denominator * trial)) trial++;
  return trial % 2n === 1n;
}

/** Two-sided geometric noise: P(y) ∝ exp(−|y|/scale), scale a whole number. */
export function discreteLaplace(source: NoiseSource, scale: number): number {
  for (;;) {
    const remainder = integerBelow(source, scale);
    if (!bernoulliExpBelowOne(source, BigInt(remainder), BigInt(scale))) continue;
    let quotient = 0;
    while (bernoulliExpBelowOne(source, 1n, 1n)) quotient++;
    const magnitude = remainder + scale * quotient;
    const negative = (source.word() & 1) === 1;
    if (negative && magnitude === 0) continue;
    return negative ? -magnitude : magnitude;
  }
}

const FRACTION = 64;
/** Beyond it counts of any table drown. */
export const MOST_SIGMA = 1e5;

/** P(y) ∝ exp(−y²/2σ²) on the integers. */
export class DiscreteGaussian {
  /** What was asked for, rounded up so that its square is a multiple of 1/64. */
  readonly sigma: number;
  readonly #variance64: bigint;
  readonly #scale: number;

  constructor(sigma: number) {
    if (!(sigma > 0) || sigma > MOST_SIGMA) {
      throw new RangeError(`sigma must be above 0 and at most ${MOST_SIGMA}, not ${sigma}`);
    }
    const variance64 = Math.ceil(sigma * sigma * FRACTION);
    this.sigma = Math.sqrt(variance64 / FRACTION);
    this.#variance64 = BigInt(variance64);
    this.#scale = Math.floor(this.sigma) + 1;
  }

  /** Laplace proposals, kept with probability exp(−(|y| − σ²/t)²/2σ²). */
  draw(source: NoiseSource): number {
    const t = BigInt(this.#scale);
    const variance = this.#variance64;
    const denominator = 2n * BigInt(FRACTION) * variance * t * t;
    for (;;) {
      const proposal = discreteLaplace(source, this.#scale);
      const distance = BigInt(Math.abs(proposal)) * BigInt(FRACTION) * t - variance;
      if (bernoulliExp(source, distance * distance, denominator)) return proposal;
    }
  }
}
