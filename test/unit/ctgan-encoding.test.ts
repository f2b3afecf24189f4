import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { isCoded } from '../../src/core/plugin-api/tables.js';
import { digamma } from '../../src/plugins/ctgan/runtime/digamma.js';
import { fitMixture, type Mixture } from '../../src/plugins/ctgan/runtime/mixture.js';
import { decodeNumeric, encodeNumeric, fitNumeric } from '../../src/plugins/ctgan/runtime/numeric-encoding.js';
import { adultTable } from '../support/adult.js';

/**
 * Mean log likelihood of the adult table's rows under scikit-learn 1.x's mixture, fitted as CTGAN's reference does:
 * BayesianGaussianMixture(n_components=10, weight_concentration_prior_type='dirichlet_process',
 * weight_concentration_prior=0.001, n_init=1, random_state=0), components of weight > 0.005 kept and rescaled.
 */
const SCIKIT_LEARN = {
  age: -3.9483,
  fnlwgt: -12.8467,
  'capital-loss': -2.2159,
  'hours-per-week': -2.1023,
};

async function adultColumn(name: string): Promise<Float64Array> {
  const table = adultTable();
  const index = table.schema.columns.findIndex((column) => column.name === name);
  for await (const batch of table.batches(100_000)) {
    const column = batch.columns[index]!;
    if (!isCoded(column)) return column.values;
  }
  throw new Error(`no column ${name}`);
}

function meanLogLikelihood({ weights, means, deviations }: Mixture, values: Float64Array): number {
  let sum = 0;
  for (const value of values) {
    const density = means.reduce((total, mean, k) => {
      const z = (value - mean) / deviations[k]!;
      return total + (weights[k]! * Math.exp(-0.5 * z * z)) / (deviations[k]! * Math.sqrt(2 * Math.PI));
    }, 0);
    sum += Math.log(density);
  }
  return sum / values.length;
}

async function roundTrip(values: Float64Array, kind: 'continuous' | 'integer' | 'datetime'): Promise<number[]> {
  const encoding = fitNumeric(values, kind, 1, 'test');
  const encoded = await encodeNumeric(encoding, values, new RandomStream(1, 'test.component'), async () => undefined);
  return Array.from(values, (_, row) => decodeNumeric(encoding, encoded.components[row]!, encoded.scalars[row]!));
}

describe('digamma', () => {
  // Abramowitz and Stegun, table 6.1 and 6.3.
  it.each([
    [1, -0.5772156649015329],
    [0.5, -1.9635100260214235],
    [2, 0.4227843350984671],
    [10, 2.251752589066721],
  ])('at %d', (x, expected) => expect(digamma(x)).toBeCloseTo(expected, 10));
});

describe('the mixture of a column', () => {
  it.each(Object.entries(SCIKIT_LEARN))(
    '%s: as likely as by scikit-learn, within 0.05 a row',
    async (name, expected) => {
      const values = await adultColumn(name);
      const mixture = fitMixture(values.slice(), 1, 'test');
      expect(mixture.means.length).toBeLessThanOrEqual(10);
      expect(mixture.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
      expect(meanLogLikelihood(mixture, values)).toBeGreaterThan(expected - 0.05);
    },
  );

  it('finds two far clusters and needs no third', () => {
    const random = new RandomStream(5, 'clusters');
    const values = Float64Array.from(
      { length: 4000 },
      (_, i) => (i % 4 === 0 ? 100 : 0) + random.next() + random.next(),
    );
    const { means, weights } = fitMixture(values, 1, 'test');
    expect(means.filter((mean) => mean > 50).every((mean) => Math.abs(mean - 101) < 1)).toBe(true);
    const upper = weights.reduce((sum, weight, k) => sum + (means[k]! > 50 ? weight : 0), 0);
    expect(upper).toBeCloseTo(0.25, 2);
  });

  it('of no values and of one value is defined', () => {
    expect(fitMixture(new Float64Array(0), 1, 'test').means).toEqual([]);
    expect(fitMixture(Float64Array.of(7, 7, 7), 1, 'test')).toEqual({ weights: [1], means: [7], deviations: [0] });
  });
});

describe('a numeric column', () => {
  it('comes back from its encoding within the clipping of four standard deviations', async () => {
    const values = await adultColumn('fnlwgt');
    const back = await roundTrip(values, 'integer');
    const range = 1_484_705 - 12_285;
    const off = back.filter((value, row) => Math.abs(value - values[row]!) > 1e-3 * range);
    expect(off.length / values.length).toBeLessThan(0.01);
  });

  it('keeps values that many rows share exactly, and missing ones missing', async () => {
    const random = new RandomStream(2, 'spikes');
    const values = Float64Array.from({ length: 1000 }, (_, i) => {
      if (i % 5 === 0) return Number.NaN;
      return i % 2 === 0 ? 0 : Math.round(1000 * random.next()) / 10 + 3;
    });
    const back = await roundTrip(values, 'continuous');
    back.forEach((value, row) => {
      if (Number.isNaN(values[row]!)) expect(value).toBeNaN();
      else if (values[row] === 0) expect(value).toBe(0);
      else expect(Math.round(value * 10)).toBe(Number((value * 10).toFixed(9)));
    });
  });

  it('rounds datetimes to the step that all of them share, and stays within the values seen', async () => {
    const day = 86_400_000;
    const days = Float64Array.from({ length: 500 }, (_, i) => (18_000 + ((i * 37) % 900)) * day);
    const encoding = fitNumeric(days, 'datetime', 1, 'test');
    expect(encoding.quantum).toBe(day);
    const farOut = decodeNumeric(encoding, encoding.spikes.length, 50);
    expect(farOut).toBe(days.reduce((a, b) => Math.max(a, b)));
    for (const value of await roundTrip(days, 'datetime')) expect(value % day).toBe(0);
  });

  it('of missing values alone has one component, which stands for missing', () => {
    const encoding = fitNumeric(new Float64Array(20).fill(Number.NaN), 'continuous', 1, 'test');
    expect(decodeNumeric(encoding, 0, 0.5)).toBeNaN();
  });
});
