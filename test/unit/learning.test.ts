import { describe, expect, it } from 'vitest';
import {
  attackGain,
  FeatureEncoder,
  type FeatureTable,
  fitBoostedClassifier,
  fitBoostedRegressor,
  fitLinearRegression,
  fitLogisticRegression,
  fitTreeClassifier,
  macroAuc,
  meanScore,
  knownScore,
  RandomStream,
  readWholeTable,
  rocAuc,
  rocCurve,
  rSquared,
  shuffleColumns,
  splitRows,
  successRate,
  toRisk,
  unknownScore,
} from '../../src/core/plugin-api/index.js';
import { tableFromRows, testContext } from '../../src/core/plugin-api/testing/index.js';

const context = { seed: 1, async tick() {} };

/** y is true where a number is high, and where it is missing; noise beside it. */
function rowsWithMeaningfulGaps(count: number): { table: FeatureTable; labels: Int32Array } {
  const stream = new RandomStream(3, 'test.gaps');
  const values = Float64Array.from({ length: count }, () => (stream.next() < 0.3 ? Number.NaN : stream.next()));
  const noise = Float64Array.from({ length: count }, () => stream.next());
  const labels = Int32Array.from(values, (value) => (Number.isNaN(value) || value > 0.5 ? 1 : 0));
  return { table: { rowCount: count, features: [{ values }, { values: noise }] }, labels };
}

const fiftyOf = (value: number) => ({ values: new Float64Array(50).fill(value) });
const areaOf = (probabilities: Float64Array, labels: Int32Array) => macroAuc(probabilities, labels, 2)!;

describe('boosted trees', () => {
  it('learn from a missing value as from any other', async () => {
    const { table, labels } = rowsWithMeaningfulGaps(2000);
    const model = await fitBoostedClassifier(table, labels, 2, context);
    expect(areaOf(model.probabilities(table), labels)).toBeGreaterThan(0.999);
  });

  it('group categories however their codes are ordered', async () => {
    const stream = new RandomStream(4, 'test.categories');
    const codes = Int32Array.from({ length: 4000 }, () => stream.nextInteger(40));
    const labels = codes.map((code) => (((code * 7) % 40) % 2 === 0 ? 1 : 0));
    const table = { rowCount: codes.length, features: [{ codes, categoryCount: 40 }] };
    const model = await fitBoostedClassifier(table, labels, 2, context, { iterations: 20 });
    expect(areaOf(model.probabilities(table), labels)).toBe(1);
  });

  it('take more categories than there are bins, and ones never trained on', async () => {
    const codes = Int32Array.from({ length: 3000 }, (_, row) => row % 600);
    const labels = codes.map((code) => code % 2);
    const table = { rowCount: codes.length, features: [{ codes, categoryCount: 700 }] };
    const model = await fitBoostedClassifier(table, labels, 2, context, { minimumLeafRows: 1 });
    const strange = { rowCount: 3, features: [{ codes: Int32Array.of(650, 999, -1), categoryCount: 1000 }] };
    expect([...model.probabilities(strange)].every((p) => p > 0 && p < 1)).toBe(true);
  });

  it('stop early when the rows set aside gain nothing, and keep what was best', async () => {
    const stream = new RandomStream(5, 'test.noise');
    const values = Float64Array.from({ length: 3000 }, () => stream.next());
    const labels = Int32Array.from(values, () => stream.nextInteger(2));
    const table = { rowCount: 3000, features: [{ values }] };
    let ticks = 0;
    const counting = { seed: 1, tick: async () => void ticks++ };
    await fitBoostedClassifier(table, labels, 2, counting, { iterations: 500, earlyStoppingAbove: 0 });
    expect(ticks).toBeLessThan(60);
  });

  it('give the same model for the same seed', async () => {
    const { table, labels } = rowsWithMeaningfulGaps(1000);
    const options = { earlyStoppingAbove: 0 };
    const one = await fitBoostedClassifier(table, labels, 2, context, options);
    const two = await fitBoostedClassifier(table, labels, 2, context, options);
    expect(one.probabilities(table)).toEqual(two.probabilities(table));
  });

  it('are cancelled between two trees', async () => {
    const { table, labels } = rowsWithMeaningfulGaps(500);
    let ticks = 0;
    const tick = async () => {
      if (++ticks === 5) throw new Error('cancelled');
    };
    await expect(fitBoostedClassifier(table, labels, 2, { seed: 1, tick })).rejects.toThrow('cancelled');
  });

  it.each([1, 3])('predict a constant from %i rows', async (rowCount) => {
    const table = { rowCount, features: [{ values: new Float64Array(rowCount).fill(Number.NaN) }] };
    const model = await fitBoostedRegressor(table, new Float64Array(rowCount).fill(7), context);
    expect([...model.predict(table)]).toEqual(Array.from({ length: rowCount }, () => 7));
  });

  it('name what is wrong with the rows', async () => {
    const table = { rowCount: 2, features: [{ values: Float64Array.of(1, 2) }] };
    await expect(fitBoostedClassifier(table, Int32Array.of(0, 2), 2, context)).rejects.toThrow(
      'The label of row 1 is 2, outside 0 to 1',
    );
    await expect(fitBoostedRegressor(table, Float64Array.of(0), context)).rejects.toThrow('2 rows and 1 target values');
    await expect(fitBoostedRegressor(table, Float64Array.of(0, Number.NaN), context)).rejects.toThrow('row 1');
  });
});

describe('models of one class', () => {
  it.each([
    ['boosted trees', fitBoostedClassifier],
    ['logistic regression', fitLogisticRegression],
    ['a decision tree', fitTreeClassifier],
  ])('%s give finite probabilities', async (_, fit) => {
    const table = { rowCount: 60, features: [{ values: Float64Array.from({ length: 60 }, (__, i) => i) }] };
    const model = await fit(table, new Int32Array(60), 2, context);
    const probabilities = model.probabilities(table);
    expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(probabilities[0]).toBeGreaterThan(0.9);
  });
});

describe('linear regression', () => {
  it('finds the line through its points, whatever their scale', async () => {
    const x = Float64Array.from({ length: 200 }, (_, i) => 1e9 + i);
    const codes = Int32Array.from({ length: 200 }, (_, i) => i % 3);
    const y = x.map((value, i) => 5e6 + 2 * (value - 1e9) + 10 * codes[i]!);
    const table = { rowCount: 200, features: [{ values: x }, { codes, categoryCount: 3 }] };
    const model = await fitLinearRegression(table, y, context);
    expect(rSquared(model.predict(table), y)).toBeGreaterThan(1 - 1e-9);
  });

  it('is not moved by a constant, an all-missing and an infinite column', async () => {
    const table = { rowCount: 50, features: [fiftyOf(3), fiftyOf(Number.NaN), fiftyOf(Number.MAX_VALUE)] };
    const y = Float64Array.from({ length: 50 }, (_, i) => i);
    const model = await fitLinearRegression(table, y, context);
    for (const value of model.predict(table)) expect(value).toBeCloseTo(24.5, 6);
  });
});

describe('the encoder', () => {
  const columns = [
    { name: 'id', kind: 'identifier', nullable: false },
    { name: 'city', kind: 'categorical', nullable: true },
    { name: 'size', kind: 'continuous', nullable: true },
  ] as const;
  const read = (
    rows: (string | number | null)[][],
    schema: typeof columns | readonly (typeof columns)[number][] = columns,
  ) => readWholeTable(tableFromRows(schema, rows), 1e6, testContext());

  it('codes every table as the training table, and what that never held after the last', async () => {
    const training = await read([
      ['a', 'Bern', 1],
      ['b', 'Cork', 2],
    ]);
    const other = await read([
      ['c', 'Delft', Number.POSITIVE_INFINITY],
      ['d', 'Cork', null],
      ['e', null, 5],
    ]);
    const encoder = new FeatureEncoder(training);
    expect(encoder.columnNames).toEqual(['city', 'size']);
    const [city, size] = encoder.encode(other).features as [{ codes: Int32Array }, { values: Float64Array }];
    expect([...city.codes]).toEqual([2, 1, -1]);
    expect([...size.values]).toEqual([Number.NaN, Number.NaN, 5]);
  });

  it('takes a column that a table lacks as all missing', async () => {
    const training = await read([['a', 'Bern', 1]]);
    const other = await read([['Bern']], [columns[1]]);
    const { features } = new FeatureEncoder(training).encode(other);
    expect((features[1] as { values: Float64Array }).values).toEqual(Float64Array.of(Number.NaN));
  });
});

describe('scores', () => {
  it('count a tie as half in the area under the curve', () => {
    expect(rocAuc([1, 1, 2, 0], [0, 1, 1, 0])).toBe(0.875);
    expect(rocAuc([1, 2], [1, 1])).toBeNull();
  });

  it('draw the curve from corner to corner', () => {
    expect(rocCurve([1, 1, 2, 0], [0, 1, 1, 0])).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    expect(rocCurve([1], [1])).toEqual([]);
  });

  it('average what could be computed, and say why where nothing could', () => {
    expect(meanScore([knownScore(1), unknownScore('x'), knownScore(0)], 'none')).toEqual({ value: 0.5 });
    expect(meanScore([unknownScore('x')], 'none')).toEqual({ value: null, reason: 'none' });
    expect(knownScore(Number.NaN).value).toBeNull();
  });
});

describe('success rates', () => {
  // Wilson's interval of 8 in 10 at 95 %, as statsmodels' proportion_confint gives it: 0.4901625 to 0.9433178.
  it('are those of Wilson', () => {
    const { value, error } = successRate(8, 10);
    expect(value - error).toBeCloseTo(0.4901625, 6);
    expect(value + error).toBeCloseTo(0.9433178, 6);
  });

  it('become a risk over the control, cut to 0 to 1', () => {
    const gain = attackGain({ value: 0.6, error: 0.1 }, { value: 0.2, error: 0.05 });
    expect(gain.value).toBeCloseTo(0.5, 12);
    expect(gain.error).toBeCloseTo(Math.hypot(0.1 / 0.8, (0.4 * 0.05) / 0.64), 12);
    expect(toRisk({ value: -0.2, error: 0.3 })).toEqual({ value: 0, low: 0, high: expect.closeTo(0.1, 12) });
  });
});

describe('rows', () => {
  it('are split with each label in its share, the same way for a seed', () => {
    const labels = Int32Array.from({ length: 1000 }, (_, row) => (row % 10 === 0 ? 1 : 0));
    const [drawn, rest] = splitRows(1000, 0.2, 7, 'test', labels);
    expect([drawn.length, rest.length]).toEqual([200, 800]);
    expect(drawn.filter((row) => labels[row] === 1).length).toBe(20);
    expect(splitRows(1000, 0.2, 7, 'test', labels)[0]).toEqual(drawn);
  });

  it('of independent columns keep each column and lose what related them', async () => {
    const columns = ['x', 'y'].map((name) => ({ name, kind: 'continuous', nullable: false }) as const);
    const rows = Array.from({ length: 500 }, (_, i) => [i, 2 * i]);
    const table = await readWholeTable(tableFromRows(columns, rows), 1e6, testContext());
    const [x, y] = shuffleColumns(table, 1).columns as [{ values: Float64Array }, { values: Float64Array }];
    expect(x.values.toSorted()).toEqual(Float64Array.from({ length: 500 }, (_, i) => i));
    expect(x.values.filter((value, i) => y.values[i] === 2 * value).length).toBeLessThan(10);
  });
});
