import { beforeAll, describe, expect, it } from 'vitest';
import {
  RandomStream,
  type ColumnSchema,
  type Condition,
  type DatasetProfile,
  type FittedModel,
  type TableBatch,
  type TableSource,
} from '../../src/core/plugin-api/index.js';
import { rowsOf, tableFromRows, testContext, type Cell } from '../../src/core/plugin-api/testing/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { gaussianCopula } from '../../src/plugins/gaussian-copula/index.js';
import { ConstrainedScores, proposalOrder } from '../../src/plugins/gaussian-copula/runtime/constrained-scores.js';
import { PackedMatrix } from '../../src/plugins/gaussian-copula/runtime/packed-matrix.js';
import { adultTable } from '../support/adult.js';

async function fit(source: TableSource, config: object = {}): Promise<FittedModel> {
  const runtime = await gaussianCopula.loadRuntime();
  return runtime.fit({ source, config: gaussianCopula.configSchema.parse(config) }, testContext({ seed: 1 }));
}

async function batchesOf(model: FittedModel, rowCount: number, conditions: Condition[] = []): Promise<TableBatch[]> {
  const batches: TableBatch[] = [];
  const context = testContext({ seed: 2 });
  for await (const batch of model.sample({ rowCount, batchSize: 50_000, conditions }, context)) batches.push(batch);
  return batches;
}

async function sample(model: FittedModel, rowCount: number, conditions: Condition[] = []): Promise<Cell[][]> {
  return rowsOf(await batchesOf(model, rowCount, conditions));
}

const rate = (events: readonly boolean[]) => events.filter(Boolean).length / events.length;
const column = (name: string, kind: ColumnSchema['kind'], nullable = false): ColumnSchema => ({ name, kind, nullable });
const share = (rows: readonly Cell[][], test: (row: Cell[]) => boolean) => rows.filter(test).length / rows.length;

const blankInBoth = (row: Cell[]) => row[0] === null && row[4] === null;
const integers = (count: number) => ({ columns: Array.from({ length: count }, (_, c) => column(`c${c}`, 'integer')) });

/** Five standard deviations of a difference of two shares: exceeded by chance once in 1.7 million checks. */
function expectSameShare(a: number, countA: number, b: number, countB: number): void {
  const pooled = (a * countA + b * countB) / (countA + countB);
  expect(Math.abs(a - b)).toBeLessThan(5 * Math.sqrt(pooled * (1 - pooled) * (1 / countA + 1 / countB)) + 1e-12);
}

/** Income, size and city hang together; income has gaps where the city is Bern. */
function relatedTable(): TableSource {
  const stream = new RandomStream(8, 'test.table');
  const rows = Array.from({ length: 4000 }, (): Cell[] => {
    const factor = stream.next();
    const city = ['Bern', 'Cork', 'Delft'][Math.min(2, Math.floor(3 * (0.7 * factor + 0.3 * stream.next())))]!;
    const blank = stream.next() < (city === 'Bern' ? 0.4 : 0.02);
    const income = Math.round((20 + 60 * factor + 15 * stream.next()) * 100) / 100;
    const flag = factor + 0.5 * (stream.next() - 0.5) > 0.6;
    return [
      blank ? null : income,
      Math.floor(5 * factor + 2 * stream.next()),
      city,
      flag,
      blank ? null : Math.floor(9 * factor),
    ];
  });
  const columns = [
    column('income', 'continuous', true),
    column('size', 'integer'),
    column('city', 'categorical'),
    column('flag', 'boolean'),
    column('age', 'integer', true),
  ];
  return tableFromRows(columns, rows);
}

describe('quality', () => {
  it('on the adult table, seeds aside, is at least .92 over strong pairs and .97 over all pairs', async () => {
    const real = adultTable();
    const batches = await batchesOf(await fit(real), 32_561);
    const synthetic: TableSource = {
      schema: real.schema,
      profile: null,
      async *batches() {
        yield* batches;
      },
    };
    const { evaluate } = await fidelity.loadRuntime();
    const request = { real, synthetic, holdout: null, targetColumn: null, sensitiveColumns: [] };
    const { metrics } = await evaluate({ ...request, config: fidelity.configSchema.parse({}) }, testContext());
    const score = (id: string) =>
      metrics.find(({ metric, subject }) => metric === id && subject === 'synthetic')!.value;
    expect(score('quality_strong_pairs')).toBeGreaterThan(0.92);
    expect(score('quality_all_pairs')).toBeGreaterThan(0.97);
    expect(score('column_shapes')).toBeGreaterThan(0.99);
  }, 120_000);

  it('missing cells keep their neighbours: they lie in the same rows and cities', async () => {
    const real = relatedTable();
    const realRows: Cell[][] = [];
    for await (const batch of real.batches(5000)) realRows.push(...rowsOf([batch]));
    const rows = await sample(await fit(real), 20_000);
    expect(Math.abs(share(rows, blankInBoth) - share(realRows, blankInBoth))).toBeLessThan(0.01);
    const inBern = (all: Cell[][]) =>
      share(
        all.filter((row) => row[2] === 'Bern'),
        (row) => row[0] === null,
      );
    expect(Math.abs(inBern(rows) - inBern(realRows))).toBeLessThan(0.08);
  });
});

describe('values', () => {
  it('of one row never come out, heavy ones stay exact, and range and places hold', async () => {
    const stream = new RandomStream(5, 'test.values');
    const values = Array.from({ length: 1000 }, (_, k) => (k % 2 ? 0 : Math.round(stream.next() * 1e10) / 1e8));
    values[10] = 987_654.32109876;
    const rows = values.map((value, k): Cell[] => [value, k === 3 ? 'rare disease' : 'common', 8.64e7 * (k % 70)]);
    const columns = [column('amount', 'continuous'), column('diagnosis', 'categorical'), column('day', 'datetime')];
    const made = await sample(await fit(tableFromRows(columns, rows)), 20_000);
    const personal = new Set(values.filter((value) => value !== 0));
    expect(made.some(([amount]) => personal.has(amount as number))).toBe(false);
    expectSameShare(
      share(made, ([amount]) => amount === 0),
      20_000,
      0.5,
      1e9,
    );
    expect(made.some(([, diagnosis]) => diagnosis === 'rare disease')).toBe(false);
    for (const [amount, , day] of made) {
      expect(amount).toBeGreaterThanOrEqual(0);
      expect(amount).toBeLessThan(987_654.32109876);
      expect(Math.round((amount as number) * 1e8) / 1e8).toBe(amount);
      expect((day as number) % 8.64e7).toBe(0);
    }
  });
});

describe('conditional sampling is exact: it agrees with the unconditional rows that meet the conditions', () => {
  const DRAWN = 20_000;
  let model: FittedModel;
  let unconditional: Cell[][];

  beforeAll(async () => {
    model = await fit(relatedTable());
    unconditional = await sample(model, 300_000);
  });

  it.each<[string, Condition[], (row: Cell[]) => boolean]>([
    ['a category', [{ column: 'city', value: 'Cork' }], (row) => row[2] === 'Cork'],
    [
      'a range',
      [{ column: 'income', minimum: 50, maximum: 61.5 }],
      (row) => row[0] !== null && Number(row[0]) >= 50 && Number(row[0]) <= 61.5,
    ],
    ['a missing cell', [{ column: 'income', value: null }], (row) => row[0] === null],
    [
      'a category, a boolean and an integer together',
      [
        { column: 'city', value: 'Delft' },
        { column: 'flag', value: true },
        { column: 'size', value: 4 },
      ],
      (row) => row[2] === 'Delft' && row[3] === 1 && row[1] === 4,
    ],
    [
      'a range and a category together',
      [
        { column: 'age', maximum: 3 },
        { column: 'city', value: 'Cork' },
      ],
      (row) => row[4] !== null && (row[4] as number) <= 3 && row[2] === 'Cork',
    ],
    [
      'listed categories and listed numbers together',
      [
        { column: 'city', values: ['Delft', 'Bern'] },
        { column: 'size', values: [5, 2, 3] },
        { column: 'flag', value: false },
      ],
      (row) => ['Delft', 'Bern'].includes(row[2] as string) && [5, 2, 3].includes(row[1] as number) && row[3] === 0,
    ],
    [
      'a cell that is missing or listed, beside a range',
      [
        { column: 'age', values: [null, 2, 3, 7] },
        { column: 'size', minimum: 1, maximum: 4 },
      ],
      (row) => (row[4] === null || [2, 3, 7].includes(row[4] as number)) && Math.abs(Number(row[1]) - 2.5) <= 1.5,
    ],
    [
      'a category that is listed twice over',
      [
        { column: 'city', values: ['Delft', 'Cork'] },
        { column: 'city', values: ['Cork', 'Bern'] },
      ],
      (row) => row[2] === 'Cork',
    ],
  ])('%s', async (_, conditions, meets) => {
    const drawn = await sample(model, DRAWN, conditions);
    expect(drawn.every(meets)).toBe(true);
    const kept = unconditional.filter(meets);
    expect(kept.length).toBeGreaterThan(2000);
    const events: ((row: Cell[]) => boolean)[] = [
      (row) => row[0] === null,
      (row) => row[0] !== null && (row[0] as number) > 55,
      (row) => (row[1] as number) > 3,
      (row) => row[2] === 'Bern',
      (row) => row[2] === 'Delft',
      (row) => row[3] === 1,
      (row) => row[4] !== null && (row[4] as number) > 4,
    ];
    for (const event of events) expectSameShare(share(drawn, event), DRAWN, share(kept, event), kept.length);
  });

  it.each<[Condition[], RegExp]>([
    [[{ column: 'town', value: 1 }], /no column "town"/],
    [[{ column: 'city', value: 'Atlantis' }], /column "city" never takes the value "Atlantis"/],
    [[{ column: 'city', minimum: 3 }], /column "city" has categories and so no range/],
    [[{ column: 'city', value: null }], /No cell of the column "city" is missing/],
    [[{ column: 'city', values: ['Cork', 'Atlantis'] }], /column "city" never takes the value "Atlantis"/],
    [[{ column: 'city', values: ['Cork', null] }], /No cell of the column "city" is missing/],
    [[{ column: 'size', value: 3.5 }], /column "size" never takes the value 3.5/],
    [[{ column: 'size', value: 'three' }], /column "size" holds numbers, not "three"/],
    [[{ column: 'income', minimum: 1000 }], /column "income" never takes a value from 1000/],
    [[{ column: 'income', minimum: 50, maximum: 40 }], /column "income" never takes a value from 50 up to 40/],
    [
      [
        { column: 'city', value: 'Bern' },
        { column: 'city', value: 'Cork' },
      ],
      /conditions on the column "city" exclude one another/,
    ],
  ])('%j is refused', async (conditions, message) => {
    const error = await sample(model, 5, conditions).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'ConditionError',
      column: conditions[0]!.column,
      message: expect.stringMatching(message),
    });
  });
});

describe('normal variables within a box', () => {
  // Moments by SciPy's dblquad of the bivariate normal density over [a, 9]².
  it.each([
    ['by rejection', 0.5, 0.6, false, 1.2589113525648241, 0.3140882442723525, 0.09374848534337588],
    [
      'by a Gibbs sampler where nearly no proposal is accepted',
      2.5,
      -0.5,
      true,
      2.6792636222483965,
      0.029845874480124657,
      -0.0005752546080692866,
    ],
  ])(
    'have the right mean and covariance %s (within 5 standard errors)',
    (_, from, rho, approximate, mean, variance, covariance) => {
      const factor = new PackedMatrix(2, Float64Array.of(1, rho, Math.sqrt(1 - rho * rho)));
      const box = [0, 1].map((dimension) => ({ dimension, intervals: [{ low: from, high: 9 }] }));
      const scores = new ConstrainedScores(proposalOrder(box), factor, 11);
      expect(scores.approximate).toBe(approximate);
      const draws = Array.from({ length: 5000 }, (__, row) => [...scores.draw(row, new Float32Array(2), 0)]);
      const average = (f: (x: number, y: number) => number) =>
        draws.reduce((sum, [x, y]) => sum + f(x!, y!), 0) / draws.length;
      // What is held within two intervals is as the draws that lie in them: the narrower one of the two variables comes first.
      const within = (x: number) => x < from + 0.2 || x > from + 0.4;
      const kept = draws.filter(([x]) => within(x!)).map(([x]) => x! > from + 0.4);
      const apart = new ConstrainedScores(
        proposalOrder([
          {
            dimension: 0,
            intervals: [
              { low: from, high: from + 0.2 },
              { low: from + 0.4, high: 9 },
            ],
          },
          box[1]!,
        ]),
        factor,
        12,
      );
      const inSecond = Array.from(
        { length: 1500 },
        (__, row) => apart.draw(row, new Float32Array(2), 0)[0]! > from + 0.4,
      );
      // Five standard deviations of the difference of two shares.
      const spread = Math.sqrt(rate(kept) * (1 - rate(kept)) * (1 / kept.length + 1 / inSecond.length));
      expect(Math.abs(rate(inSecond) - rate(kept))).toBeLessThan(5 * spread);
      const error = Math.sqrt(variance / draws.length);
      expect(Math.abs(average((x) => x) - mean)).toBeLessThan(5 * error);
      expect(Math.abs(average((__, y) => y) - mean)).toBeLessThan(5 * error);
      // A product of two such deviations spreads at most three times as wide as the variance.
      expect(Math.abs(average((x, y) => (x - mean) * (y - mean)) - covariance)).toBeLessThan(
        (15 * variance) / Math.sqrt(draws.length),
      );
    },
    60_000,
  );
});

describe('preflight', () => {
  const config = gaussianCopula.configSchema.parse({});
  const issues = (count: number, profile: DatasetProfile | null = null) =>
    gaussianCopula.preflight!(integers(count), profile, config);

  it('says nothing of a usual table', () => expect(issues(300)).toEqual([]));

  it('warns of many columns, with figures', () => {
    expect(issues(5000)).toMatchObject([
      { severity: 'warning', code: 'many_columns', message: expect.stringMatching(/191 MiB.*1\.3e\+7/) },
    ]);
  });

  it('refuses more than fit into memory, with figures and a way out', () => {
    expect(issues(20_000)).toMatchObject([
      { severity: 'error', code: 'too_many_columns', message: expect.stringMatching(/3052 MiB.*"independent"/) },
    ]);
  });

  it('refuses a table without columns', () =>
    expect(issues(0)).toMatchObject([{ severity: 'error', code: 'no_columns' }]));
});

it('a table of 300 columns and 100 rows, more columns than rows, is learned', async () => {
  const stream = new RandomStream(9, 'test.wide');
  const columns = Array.from({ length: 300 }, (_, c) => column(`c${c}`, c % 2 ? 'continuous' : 'categorical', true));
  const cell = (c: number): Cell => (stream.next() < 0.1 ? null : c % 2 ? stream.next() : `k${stream.nextInteger(4)}`);
  const rows = Array.from({ length: 100 }, () => columns.map((_, c) => cell(c)));
  const made = await sample(await fit(tableFromRows(columns, rows)), 50);
  expect(made).toHaveLength(50);
});
