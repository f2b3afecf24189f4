import { describe, expect, it } from 'vitest';
import {
  cdfOfPieces,
  chooseQuantiles,
  collectColumns,
  fitFamily,
  granularityOf,
  incompleteBeta,
  incompleteGamma,
  logGamma,
  normalCdf,
  normalQuantile,
  PieceLookup,
  RandomStream,
  roundTo,
  smoothedQuantiles,
  type Moments,
  type ParametricFamily,
} from '../../src/core/plugin-api/index.js';
import { tableFromRows, testContext } from '../../src/core/plugin-api/testing/index.js';

function expectClose(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

const moments = (
  mean: number,
  standardDeviation: number,
  minimum: number,
  maximum: number,
  excessKurtosis = 0,
): Moments => ({
  mean,
  standardDeviation,
  minimum,
  maximum,
  excessKurtosis,
});

/** Ascending values of the distribution with the quantile function given. */
const draw = (quantile: (u: number) => number) => {
  const stream = new RandomStream(3, 'test.values');
  return Float64Array.from({ length: 4000 }, () => quantile(stream.next())).toSorted();
};

// Expected figures of this file are SciPy 1's, printed to all digits.
describe('special functions agree with SciPy', () => {
  it.each([
    [-8, 6.22096057427174e-16],
    [-5, 2.866515718791933e-7],
    [-3.01, 0.0013062384487694675],
    [-2.99, 0.0013948872354922468],
    [0.3, 0.6179114221889526],
    [3.5, 0.9997673709209645],
  ])('Φ(%d)', (x, expected) => expectClose(normalCdf(x), expected, 1e-12));

  it.each([
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798409],
    [0.001, -3.090232306167813],
    [0.07, -1.4757910281791706],
    [0.9, 1.2815515655446004],
    [0.9999, 3.719016485455709],
  ])('Φ⁻¹(%d)', (p, expected) => expectClose(normalQuantile(p), expected, 1e-14));

  it('ln Γ, P(a, x) and I_x(a, b)', () => {
    expectClose(logGamma(0.1), 2.252712651734206, 1e-13);
    expectClose(logGamma(171), 706.5730622457875, 1e-13);
    expectClose(incompleteGamma(0.5, 0.1), 0.34527915398142317, 1e-12);
    expectClose(incompleteGamma(100, 110), 0.8417213299399129, 1e-12);
    expectClose(incompleteBeta(0.1, 0.5, 0.5), 0.20483276469913345, 1e-12);
    expectClose(incompleteBeta(0.5, 30, 40), 0.8857998873233515, 1e-12);
  });
});

describe('families fitted by moments agree with SciPy', () => {
  it.each<[ParametricFamily, Moments, number[], number[]]>([
    ['normal', moments(1, 2, -9, 9), [-1, 3], [0.15865525393145707, 0.8413447460685429]],
    ['uniform', moments(2, 1, 1, 3), [0, 1.5, 4], [0, 0.25, 1]],
    ['gamma', moments(3, 2, 0.5, 9), [1.5, 3, 8], [0.2388841, 0.60621463, 0.97257733]],
    ['beta', moments(0.3, Math.sqrt(0.02), 0, 1), [0.1, 0.3, 0.6], [0.05834901, 0.53815332, 0.97206353]],
    ['student_t', moments(0, 1.5, -9, 9, 2), [-2, 0.3, 3], [0.0793298, 0.59014534, 0.97506638]],
    ['truncated_normal', moments(0.4, 0.2, 0, 1), [0.1, 0.4, 0.8], [0.06382175, 0.5156802, 0.97118539]],
  ])('%s', (family, given, at, expected) => {
    const cdf = fitFamily(family, given)!;
    at.forEach((x, k) => expect(cdf(x)).toBeCloseTo(expected[k]!, 6));
  });

  it('have no fit to a constant', () => expect(fitFamily('gamma', moments(1, 0, 1, 1))).toBeNull());
});

describe('chooseQuantiles takes the family that the values came from', () => {
  const options = { smallestGroup: 10, bins: 500 };
  it.each<[ParametricFamily, (u: number) => number]>([
    ['normal', (u) => 50 + 7 * normalQuantile(u)],
    ['uniform', (u) => 3 + 4 * u],
    ['gamma', (u) => -Math.log(1 - u)],
  ])('%s', (family, quantile) => {
    const families = ['gamma', 'uniform', 'normal'] as const;
    const chosen = chooseQuantiles(draw(quantile), { places: 15 }, { ...options, families });
    expect(chosen.family).toBe(family);
    // The quantiles are cut to the observed range, so a little off the family's own.
    expect(cdfOfPieces(chosen.pieces, quantile(0.3))).toBeCloseTo(0.3, 1);
  });
});

describe('smoothedQuantiles', () => {
  const options = { smallestGroup: 10, bins: 500 };

  it('keeps a value that many rows hold exact, with its probability', () => {
    const values = Float64Array.from([
      ...Array(60).fill(0),
      ...Array.from({ length: 40 }, (_, k) => 100 + 1.37 * k),
    ]).toSorted();
    const { probabilities, starts, ends } = smoothedQuantiles(values, options);
    expect([starts[0], ends[0], probabilities[1]]).toEqual([0, 0, 0.6]);
    expect(starts[1]).toBeGreaterThan(90);
  });

  it('never ends a stretch at an extreme of one row, and stays within the extremes', () => {
    const stream = new RandomStream(1, 'test.values');
    const values = Float64Array.from({ length: 200 }, () => stream.next() * 10).toSorted();
    values[199] = 1e6;
    const { starts, ends } = smoothedQuantiles(values, options);
    const real = new Set(values);
    for (const edge of [...starts, ...ends]) {
      expect(real.has(edge)).toBe(false);
      expect(edge).toBeGreaterThan(values[0]!);
      expect(edge).toBeLessThan(values[199]);
    }
  });

  it('has at least the smallest group of rows in every stretch of a column without ties', () => {
    const stream = new RandomStream(2, 'test.values');
    const { probabilities } = smoothedQuantiles(
      Float64Array.from({ length: 537 }, () => stream.next()).toSorted(),
      options,
    );
    for (let j = 1; j < probabilities.length; j++) {
      expect((probabilities[j]! - probabilities[j - 1]!) * 537).toBeGreaterThan(9.999);
    }
  });

  it('lies near the empirical distribution: within the deviation that a stretch can cause', () => {
    const stream = new RandomStream(3, 'test.values');
    const values = Float64Array.from({ length: 5000 }, () => normalQuantile(stream.next())).toSorted();
    const pieces = smoothedQuantiles(values, options);
    values.forEach((value, k) => expect(Math.abs(cdfOfPieces(pieces, value) - (k + 1) / 5000)).toBeLessThan(0.003));
  });

  it('keeps a constant', () => {
    expect([...smoothedQuantiles(Float64Array.of(4, 4), options).starts]).toEqual([4]);
  });
});

describe('granularity', () => {
  it.each([
    ['datetime', [86_400_000, 172_800_000], { unit: 86_400_000 }],
    ['datetime', [86_400_000, 3_600_000], { unit: 3_600_000 }],
    ['datetime', [1], { unit: 1 }],
    ['continuous', [0.5, 1.25, -3], { places: 2 }],
    ['integer', [5], { unit: 1 }],
  ] as const)('of %s %j is %j', (kind, values, expected) => {
    expect(granularityOf(kind, Float64Array.from(values))).toEqual(expected);
  });

  it('rounds to the nearest decimal, and never to −0', () => {
    expect(roundTo(1.005000001, { places: 2 })).toBe(1.01);
    expect(Object.is(roundTo(-0.001, { places: 2 }), 0)).toBe(true);
    expect(roundTo(1.5e300, { places: 4 })).toBe(1.5e300);
  });
});

it('PieceLookup finds the piece that a plain search finds', () => {
  const stream = new RandomStream(4, 'test.cuts');
  const cuts = Float64Array.from([
    -5,
    ...Array.from({ length: 300 }, () => (stream.next() - 0.5) ** 3 * 40),
    5,
  ]).toSorted();
  const lookup = new PieceLookup(cuts);
  for (const position of [...cuts, ...Array.from({ length: 5000 }, () => (stream.next() - 0.5) * 12)]) {
    const expected = cuts.findLastIndex((cut) => cut <= position);
    expect(lookup.find(position)).toBe(Math.min(cuts.length - 2, Math.max(0, expected)));
  }
});

describe('collectColumns', () => {
  const rows = Array.from({ length: 30_000 }, (_, k) => [k, k % 2 ? 'odd' : 'even']);
  const table = tableFromRows(
    [
      { name: 'number', kind: 'integer', nullable: false },
      { name: 'parity', kind: 'categorical', nullable: false },
    ],
    rows,
  );

  it('keeps all rows in their order where they fit', async () => {
    const { columns, rowCount, rowsSeen } = await collectColumns(table, 1e6, testContext());
    expect([rowCount, rowsSeen]).toEqual([30_000, 30_000]);
    expect([...(columns[0] as { values: Float64Array }).values]).toEqual(rows.map(([k]) => k));
  });

  it('keeps a uniform sample of whole rows where they do not: the mean within 5 deviations', async () => {
    const { columns, rowCount } = await collectColumns(table, 1000, testContext());
    const numbers = (columns[0] as { values: Float64Array }).values;
    const { codes, dictionary } = columns[1] as { codes: Int32Array; dictionary: readonly string[] };
    expect(rowCount).toBe(1000);
    expect(new Set(numbers).size).toBe(1000);
    numbers.forEach((number, row) => expect(dictionary[codes[row]!]).toBe(number % 2 ? 'odd' : 'even'));
    const mean = numbers.reduce((sum, x) => sum + x, 0) / 1000;
    expect(Math.abs(mean - 14_999.5)).toBeLessThan((5 * 8660) / Math.sqrt(1000));
  });
});
