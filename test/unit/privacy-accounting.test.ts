import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  deltaOf,
  epsilonOf,
  findNoiseMultiplier,
  PrivacyBudgetError,
  renyiEpsilon,
  type MechanismRuns,
} from '../../src/core/plugin-api/privacy/accounting/index.js';
import { normalCdf } from '../../src/core/plugin-api/index.js';

interface Sampled {
  samplingRate: number;
  noiseMultiplier: number;
}
interface Fixtures {
  cases: (Sampled & { steps: number; delta: number; rdp: number; pld: number })[];
  compositions: {
    gaussian: { noiseMultiplier: number; count: number };
    laplace: { scale: number; count: number };
    sampled: Sampled & { count: number };
    delta: number;
    pld: number;
  }[];
  single: { scale: number; delta: number; count: number; pld: number }[];
}

// Made by test/fixtures/privacy/make_accountant_fixtures.py.
const fixtures = JSON.parse(
  readFileSync(new URL('../fixtures/privacy/accountants.json', import.meta.url), 'utf8'),
) as Fixtures;

const sampledRuns = ({ samplingRate, noiseMultiplier }: Sampled, count: number): MechanismRuns => ({
  mechanism: { type: 'sampled-gaussian', samplingRate, noiseMultiplier },
  count,
});

const approximate = (epsilon: number, delta: number): MechanismRuns => {
  return { mechanism: { type: 'approximate', epsilon, delta }, count: 1 };
};
const histogram = (count: number): MechanismRuns[] => [{ mechanism: { type: 'discrete-gaussian', sigma: 20 }, count }];
const spentOn400Steps = (noiseMultiplier: number) => {
  return epsilonOf([sampledRuns({ samplingRate: 0.06, noiseMultiplier }, 400)], 1.7e-7);
};

describe('Rényi accountant', () => {
  it("agrees with Opacus' on 100 random settings within 1e-3", () => {
    expect(fixtures.cases).toHaveLength(100);
    for (const setting of fixtures.cases) {
      const epsilon = renyiEpsilon([sampledRuns(setting, setting.steps)], setting.delta);
      expect(Math.abs(epsilon - setting.rdp), JSON.stringify(setting)).toBeLessThan(1e-3);
    }
  });

  // Published figures of DP-CTGAN on the adult table: two charged steps an iteration, 65 iterations an epoch.
  it.each([
    [1, 0.29],
    [10, 0.64],
    [25, 1.013],
    [50, 1.44],
    [100, 2.05],
    [300, 3.62],
  ])('gives, by the classic conversion, the known epsilon after %d epochs', (epochs, expected) => {
    const n = 32_561;
    const epsilon = renyiEpsilon(
      [sampledRuns({ samplingRate: 500 / n, noiseMultiplier: 5 }, 2 * 65 * epochs)],
      n ** -1.5,
      {
        orders: Array.from({ length: 63 }, (_, i) => i + 2),
        conversion: 'classic',
      },
    );
    expect(epsilon).toBeCloseTo(expected, 2);
  });

  it('pays the failure probability of approximate mechanisms from delta', () => {
    const runs: MechanismRuns[] = [{ mechanism: { type: 'approximate', epsilon: 0.1, delta: 1e-6 }, count: 1 }];
    expect(renyiEpsilon(runs, 1e-6)).toBe(Infinity);
    expect(renyiEpsilon(runs, 1e-4)).toBeLessThan(0.2);
  });
});

describe('privacy loss accountant', () => {
  it("agrees with dp-accounting's on 100 random settings within 1e-3", () => {
    for (const setting of fixtures.cases) {
      const epsilon = epsilonOf([sampledRuns(setting, setting.steps)], setting.delta);
      expect(Math.abs(epsilon - setting.pld), JSON.stringify(setting)).toBeLessThan(1e-3);
    }
  });

  it('agrees with it on compositions of Gaussian, Laplace and sampled Gaussian mechanisms within 1e-3', () => {
    for (const { gaussian, laplace, sampled, delta, pld } of fixtures.compositions) {
      const runs: MechanismRuns[] = [
        { mechanism: { type: 'gaussian', noiseMultiplier: gaussian.noiseMultiplier }, count: gaussian.count },
        { mechanism: { type: 'laplace', scale: laplace.scale }, count: laplace.count },
        sampledRuns(sampled, sampled.count),
      ];
      expect(Math.abs(epsilonOf(runs, delta) - pld)).toBeLessThan(1e-3);
    }
  });

  it('agrees with it on Laplace noise alone within 1e-3', () => {
    for (const { scale, count, delta, pld } of fixtures.single) {
      expect(Math.abs(epsilonOf([{ mechanism: { type: 'laplace', scale }, count }], delta) - pld)).toBeLessThan(1e-3);
    }
  });

  it('gives the closed form of the Gaussian mechanism', () => {
    for (const [sigma, epsilon] of [
      [1, 0.5],
      [2, 1],
      [0.7, 3],
    ] as const) {
      const expected =
        normalCdf(1 / (2 * sigma) - epsilon * sigma) -
        Math.exp(epsilon) * normalCdf(-1 / (2 * sigma) - epsilon * sigma);
      const delta = deltaOf([{ mechanism: { type: 'gaussian', noiseMultiplier: sigma }, count: 1 }], epsilon);
      expect(delta / expected).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(delta / expected).toBeLessThan(1 + 1e-4);
    }
  });

  it('treats a discrete Gaussian of large variance as the continuous one', () => {
    const discrete = epsilonOf([{ mechanism: { type: 'discrete-gaussian', sigma: 12 }, count: 20 }], 1e-6);
    const continuous = epsilonOf([{ mechanism: { type: 'gaussian', noiseMultiplier: 12 }, count: 20 }], 1e-6);
    expect(discrete).toBeCloseTo(continuous, 3);
  });

  it('never says less than epsilon for the pure mechanism, and the sum of the deltas for failures', () => {
    expect(epsilonOf([approximate(0.5, 0)], 1e-12)).toBeCloseTo(0.5, 5);
    expect(deltaOf([approximate(0, 1e-6), approximate(0, 2e-6)], 0)).toBeCloseTo(3e-6, 9);
    expect(epsilonOf([approximate(0, 1e-6)], 1e-7)).toBe(Infinity);
  });

  it('costs nothing to run nothing', () => {
    expect(epsilonOf([], 1e-6)).toBe(0);
  });
});

describe('noise multiplier', () => {
  it('is the least that stays within the budget', async () => {
    const budget = { epsilon: 1, delta: 1.7e-7 };
    const plan = { budget, samplingRate: 0.06, steps: 400 };
    const noiseMultiplier = await findNoiseMultiplier(plan);
    expect(spentOn400Steps(noiseMultiplier)).toBeLessThanOrEqual(1);
    expect(spentOn400Steps(noiseMultiplier * 0.999)).toBeGreaterThan(1);
  });

  it('allows for what else is paid, and refuses when that is all', async () => {
    const budget = { epsilon: 1, delta: 1e-6 };
    const plan = { budget, samplingRate: 0.05, steps: 100 };
    expect(await findNoiseMultiplier({ ...plan, besides: histogram(5) })).toBeGreaterThan(
      await findNoiseMultiplier(plan),
    );
    await expect(findNoiseMultiplier({ ...plan, besides: histogram(50) })).rejects.toThrow(PrivacyBudgetError);
  });
});
