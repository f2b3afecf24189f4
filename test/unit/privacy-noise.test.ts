import { describe, expect, it } from 'vitest';
import {
  cryptographicNoise,
  DiscreteGaussian,
  discreteLaplace,
  fillNormalNoise,
  normalCdf,
  poissonSample,
  seededNoise,
} from '../../src/core/plugin-api/index.js';
import { bernoulliExp } from '../../src/core/plugin-api/privacy/noise/discrete-noise.js';
import { bernoulli, integerBelow } from '../../src/core/plugin-api/privacy/noise/noise-source.js';

/**
 * Upper quantile at error rate 1e-6 of chi-squared with so many degrees of freedom (Wilson and Hilferty 1931): a right sampler
 * fails such a test for one seed in a million, and the seeds here are fixed.
 */
function chiSquaredLimit(degrees: number): number {
  const z = 4.753;
  return degrees * (1 - 2 / (9 * degrees) + z * Math.sqrt(2 / (9 * degrees))) ** 3;
}

/** Draws against weights on −reach … reach, the tails beyond pooled with the ends. */
function chiSquared(draws: readonly number[], weightOf: (y: number) => number, reach: number): number {
  let total = 0;
  for (let y = -50 * reach; y <= 50 * reach; y++) total += weightOf(y);
  const expected = new Float64Array(2 * reach + 1);
  for (let y = -50 * reach; y <= 50 * reach; y++) {
    expected[clamp(y, reach) + reach]! += (weightOf(y) / total) * draws.length;
  }
  const seen = new Float64Array(2 * reach + 1);
  for (const y of draws) seen[clamp(y, reach) + reach]!++;
  return expected.reduce((sum, e, i) => sum + (seen[i]! - e) ** 2 / e, 0);
}

const clamp = (y: number, reach: number) => Math.max(-reach, Math.min(reach, y));
const times = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

describe('discrete noise', () => {
  it.each([0.7, 2, 5.3])('discrete Gaussian of sigma %d has its weights', (sigma) => {
    const source = seededNoise(1, 'gaussian');
    const noise = new DiscreteGaussian(sigma);
    const reach = Math.ceil(2.5 * sigma);
    const draws = times(20_000, () => noise.draw(source));
    expect(noise.sigma).toBeCloseTo(sigma, 1);
    expect(noise.sigma).toBeGreaterThanOrEqual(sigma);
    expect(chiSquared(draws, (y) => Math.exp(-0.5 * (y / noise.sigma) ** 2), reach)).toBeLessThan(
      chiSquaredLimit(2 * reach),
    );
  });

  it('discrete Gaussian of a large sigma has its variance', () => {
    const source = seededNoise(2, 'gaussian');
    const noise = new DiscreteGaussian(5000);
    const count = 4000;
    const variance = times(count, () => noise.draw(source)).reduce((sum, y) => sum + y * y, 0) / count;
    // The relative error of a variance is √(2/count); 4.9 of them are an error rate of 1e-6.
    expect(Math.abs(variance / 5000 ** 2 - 1)).toBeLessThan(4.9 * Math.sqrt(2 / count));
  });

  it.each([1, 3, 20])('two-sided geometric noise of scale %d has its weights', (scale) => {
    const source = seededNoise(3, 'geometric');
    const draws = times(20_000, () => discreteLaplace(source, scale));
    const reach = 3 * scale;
    expect(chiSquared(draws, (y) => Math.exp(-Math.abs(y) / scale), reach)).toBeLessThan(chiSquaredLimit(2 * reach));
  });

  it('is true with probability exp(−7/3), to 4.9 standard errors', () => {
    const source = seededNoise(4, 'bernoulli');
    const hits = times(20_000, () => bernoulliExp(source, 7n, 3n)).filter(Boolean).length;
    const p = Math.exp(-7 / 3);
    expect(Math.abs(hits - 20_000 * p)).toBeLessThan(4.9 * Math.sqrt(20_000 * p * (1 - p)));
  });

  it('draws integers without bias, also below bounds beyond 2^32, and compares ratios beyond 2^53', () => {
    const source = seededNoise(5, 'integers');
    const thirds = [0, 0, 0];
    for (let i = 0; i < 9000; i++) thirds[integerBelow(source, 3)]!++;
    for (const count of thirds) expect(Math.abs(count - 3000)).toBeLessThan(4.9 * Math.sqrt(2000));
    const large = times(1000, () => integerBelow(source, 2 ** 40));
    expect(Math.max(...large)).toBeGreaterThan(2 ** 39);
    expect(Math.max(...large)).toBeLessThan(2 ** 40);
    const hits = times(4000, () => bernoulli(source, 10n ** 29n, 4n * 10n ** 29n)).filter(Boolean).length;
    expect(Math.abs(hits - 1000)).toBeLessThan(4.9 * Math.sqrt(750));
  });
});

describe('normal noise', () => {
  it('has the wanted variance and normal tails, at an error rate of 1e-6', () => {
    const values = new Float64Array(200_001);
    fillNormalNoise(seededNoise(6, 'normal'), 3, values);
    const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    expect(Math.abs(variance / 9 - 1)).toBeLessThan(4.9 * Math.sqrt(2 / values.length));
    for (const cut of [-6, -3, 0, 1.5, 7.5]) {
      const p = normalCdf(cut / 3);
      const below = values.filter((x) => x < cut).length;
      expect(Math.abs(below - p * values.length)).toBeLessThan(4.9 * Math.sqrt(p * (1 - p) * values.length));
    }
  });
});

describe('Poisson sampling', () => {
  it('takes each row on its own with the given probability', () => {
    const source = seededNoise(7, 'sample');
    const rounds = 2000;
    const [rate, rows] = [0.07, 300];
    const seen = new Float64Array(rows);
    let pairs = 0;
    const sizes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const members = poissonSample(source, rows, rate);
      sizes.push(members.length);
      for (const row of members) seen[row]!++;
      if (members.includes(10) && members.includes(11)) pairs++;
    }
    const expected = rounds * rate;
    const statistic = seen.reduce((sum, n) => sum + (n - expected) ** 2 / (expected * (1 - rate)), 0);
    expect(statistic).toBeLessThan(chiSquaredLimit(rows));
    // Neighbours are as independent as any two rows.
    expect(Math.abs(pairs - rounds * rate ** 2)).toBeLessThan(4.9 * Math.sqrt(rounds * rate ** 2));
    const mean = sizes.reduce((sum, n) => sum + n, 0) / rounds;
    const variance = sizes.reduce((sum, n) => sum + (n - mean) ** 2, 0) / rounds;
    expect(Math.abs(variance / (rows * rate * (1 - rate)) - 1)).toBeLessThan(4.9 * Math.sqrt(2 / rounds));
  });

  it('takes every row at rate 1', () => {
    expect(poissonSample(seededNoise(8, 'sample'), 3, 1)).toEqual([0, 1, 2]);
  });
});

describe('noise sources', () => {
  it('a seed repeats its bits and keeps no secret', () => {
    const [first, second] = [seededNoise(9, 'a'), seededNoise(9, 'a')];
    expect(times(10, () => first.word())).toEqual(times(10, () => second.word()));
    expect(first.secret).toBe(false);
  });

  it('cryptographic bits are not repeated', () => {
    const [first, second] = [cryptographicNoise(), cryptographicNoise()];
    expect(times(4, () => first.word())).not.toEqual(times(4, () => second.word()));
    expect(first.secret).toBe(true);
  });
});
