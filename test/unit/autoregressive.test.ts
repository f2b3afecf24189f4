import { beforeAll, describe, expect, it } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import {
  type Checkpoints,
  type ColumnSchema,
  type Compute,
  type Condition,
  type FittedModel,
  normalQuantile,
  RandomStream,
  type RunContext,
  type TableSource,
} from '../../src/core/plugin-api/index.js';
import {
  type Cell,
  memoryArtefacts,
  rowsOf,
  type StoredArtefacts,
  tableFromRows,
  testContext,
} from '../../src/core/plugin-api/testing/index.js';
import { autoregressiveConfig } from '../../src/plugins/autoregressive/config.js';
import { autoregressive } from '../../src/plugins/autoregressive/index.js';
import { layoutOf } from '../../src/plugins/autoregressive/runtime/network/layout.js';
import { collect } from '../support/collect.js';

const DAY = 86_400_000;
let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ executor: 'onnx-cpu', threads: 1 });
});

const contextOf = (overrides: Partial<RunContext> = {}): RunContext => ({
  ...testContext({ seed: 3, compute }),
  compute,
  ...overrides,
});

async function fit(table: TableSource, config: object = {}, context = contextOf()): Promise<FittedModel> {
  const runtime = await autoregressive.loadRuntime();
  return runtime.fit({ source: table, config: autoregressiveConfig.parse(config) }, context);
}

async function draw(model: FittedModel, rowCount: number, conditions: readonly Condition[] = []): Promise<Cell[][]> {
  return rowsOf(await collect(model.sample({ rowCount, batchSize: 1000, conditions }, contextOf())));
}

async function synthesise(columns: readonly ColumnSchema[], rows: readonly Cell[][], config: object = {}) {
  const model = await fit(tableFromRows(columns, rows), config);
  return draw(model, rows.length);
}

const isListed = ([age]: Cell[]) => [25, 47, 48, 75].includes(age as number);
const column = (name: string, kind: ColumnSchema['kind']): ColumnSchema => ({ name, kind, nullable: true });
const shareOf = <T>(items: readonly T[], has: (item: T) => boolean) => items.filter(has).length / items.length;

function rowsBy(count: number, row: (random: RandomStream, i: number) => Cell[]): Cell[][] {
  const random = new RandomStream(11, 'test.rows');
  return Array.from({ length: count }, (_, i) => row(random, i));
}

describe('what autoregressive learns', () => {
  it('keeps a relation that no correlation shows: the exclusive or of two columns', async () => {
    const rows = rowsBy(4000, (random) => {
      const [a, b] = [random.next() < 0.5, random.next() < 0.5];
      return [a ? 'x' : 'y', b ? 'x' : 'y', (a !== b) === random.next() < 0.95 ? 'odd' : 'even'];
    });
    const columns = ['a', 'b', 'c'].map((name) => column(name, 'categorical'));
    const drawn = await synthesise(columns, rows);
    // 4,000 draws of a share of .95: standard error .0034, and as much again for the rows learned from.
    const odd = shareOf(drawn, ([a, b, c]) => (a !== b) === (c === 'odd'));
    expect(odd).toBeGreaterThan(0.92);
    expect(odd).toBeLessThan(0.98);
  });

  it('learns missing cells together with the rest', async () => {
    const rows = rowsBy(3000, (random) => {
      const worker = random.next() < 0.4;
      return [worker ? 'worker' : 'child', worker ? Math.round(20 + 60 * random.next()) : null];
    });
    const drawn = await synthesise([column('who', 'categorical'), column('hours', 'integer')], rows);
    expect(shareOf(drawn, ([who, hours]) => (who === 'child') === (hours === null))).toBeGreaterThan(0.98);
  });

  it('keeps heavy values, decimal places and the range of a long tail', async () => {
    const rows = rowsBy(4000, (random) => {
      const isNone = random.next() < 0.7;
      return [isNone ? 0 : Math.round(Math.exp(3 + 2 * random.next() + 2 * random.next()) * 100) / 100, random.next()];
    });
    const drawn = await synthesise([column('gain', 'continuous'), column('noise', 'continuous')], rows);
    const gains = drawn.map(([gain]) => gain as number);
    const real = rows.map(([gain]) => gain as number);
    expect(Math.abs(shareOf(gains, (gain) => gain === 0) - shareOf(real, (gain) => gain === 0))).toBeLessThan(0.03);
    for (const gain of gains) expect(Math.round(gain * 100) / 100).toBe(gain);
    expect(Math.max(...gains)).toBeLessThanOrEqual(Math.max(...real));
    expect(Math.max(...gains)).toBeGreaterThan(quantile(real, 0.99));
  });

  it('gives numbers of 15 digits as fine as they came', async () => {
    const rows = rowsBy(1000, (random) => [random.next()]);
    const drawn = await synthesise([column('x', 'continuous')], rows);
    expect(shareOf(drawn, ([x]) => String(x).length >= 15)).toBeGreaterThan(0.9);
  });

  it('keeps the time of day, the weekday and their relation to other columns', async () => {
    const monday = 18_001 - ((18_001 + 3) % 7);
    const rows = rowsBy(6000, (random) => {
      const week = monday + 7 * Math.floor(random.next() * 200);
      const isOffice = random.next() < 0.6;
      const day = week + (isOffice ? Math.floor(random.next() * 5) : 5 + Math.floor(random.next() * 2));
      const hour = isOffice ? 9 + random.next() * 8 : 20 + random.next() * 3;
      return [day * DAY + Math.round(hour * 60) * 60_000, isOffice ? 'office' : 'home'];
    });
    const drawn = await synthesise([column('at', 'datetime'), column('where', 'categorical')], rows);
    const habits = drawn.map(([at, where]) => {
      const date = new Date(at as number);
      return { isOffice: where === 'office', weekday: (date.getUTCDay() + 6) % 7, hour: date.getUTCHours() };
    });
    expect(shareOf(habits, ({ isOffice, weekday }) => isOffice === weekday < 5)).toBeGreaterThan(0.97);
    expect(shareOf(habits, ({ isOffice, hour }) => isOffice === hour < 19)).toBeGreaterThan(0.97);
    expect(shareOf(habits, ({ hour }) => (hour >= 9 && hour <= 17) || hour >= 20)).toBeGreaterThan(0.97);
    for (const [at] of drawn) expect((at as number) % 60_000).toBe(0);
  });

  it('never gives a category of fewer rows than asked, and learns the rest as if it were not there', async () => {
    const rows = rowsBy(2000, (random, i) => [i % 400 === 7 ? `only ${i}` : random.next() < 0.3 ? 'a' : 'b']);
    const columns = [column('name', 'categorical')];
    const drawn = await synthesise(columns, rows, { rare_category_rows: 5 });
    expect(new Set(drawn.flat())).toEqual(new Set(['a', 'b']));
    const kept = await synthesise(columns, rows, { rare_category_rows: 1, minimum_steps: 1 });
    expect(new Set(kept.flat()).size).toBeGreaterThan(2);
  });

  it('does not give a number that one row alone holds', async () => {
    const rows = rowsBy(3000, (random, i) => [i === 5 ? 987_654 : Math.round(1000 * random.next())]);
    const drawn = await synthesise([column('salary', 'integer')], rows);
    expect(drawn.flat()).not.toContain(987_654);
  });

  it('learns a column of thousands of categories in groups', async () => {
    const rows = rowsBy(20_000, (random) => {
      const shop = Math.floor(3000 * random.next() ** 2);
      return [`shop ${shop}`, shop < 300 ? 'near' : 'far'];
    });
    const columns = [column('shop', 'categorical'), column('place', 'categorical')];
    const drawn = await synthesise(columns, rows, { epochs: 4, category_tokens: 300, rare_category_rows: 1 });
    expect(new Set(drawn.map(([shop]) => shop)).size).toBeGreaterThan(2000);
    expect(Math.abs(shareOf(drawn, isNear) - shareOf(rows, isNear))).toBeLessThan(0.02);
  }, 60_000);

  it('embeds the tokens of a wide table, and still keeps relations', async () => {
    const rows = rowsBy(1000, (random) => {
      const level = random.next();
      return Array.from({ length: 60 }, () => Math.round(100 * (level + 0.2 * random.next())));
    });
    const columns = Array.from({ length: 60 }, (_, c) => column(`x${c}`, 'integer'));
    const layout = layoutOf(
      columns.map(() => ({ size: 18 })),
      80,
    );
    expect(layout.embedding).not.toBeNull();
    const drawn = await synthesise(columns, rows, { minimum_steps: 1, hidden_units: 80, batch_size: 128 });
    expect(correlation(drawn, 0, 59)).toBeGreaterThan(0.85);
  }, 120_000);

  it.each([
    ['all', 40, 2],
    ['half', 20, 60],
  ])(
    'takes %s of the fewest steps, %d, on a table of %d columns',
    async (_share, steps, width) => {
      const rows = rowsBy(200, (random) => Array.from({ length: width }, () => Math.round(100 * random.next())));
      const columns = Array.from({ length: width }, (_, c) => column(`x${c}`, 'integer'));
      const model = await fit(tableFromRows(columns, rows), { epochs: 1, minimum_steps: 40, hidden_units: 80 });
      expect(model.summary.metrics['steps']).toBe(steps);
    },
    120_000,
  );
});

describe('conditions of autoregressive', () => {
  const columns = [
    column('age', 'integer'),
    column('city', 'categorical'),
    column('at', 'datetime'),
    column('income', 'categorical'),
  ];
  const rows = rowsBy(6000, (random) => {
    const age = Math.floor(20 + 60 * random.next());
    const city = random.next() < age / 100 ? 'old town' : 'new town';
    const at = 18_000 * DAY + Math.floor(random.next() * 300 * 24) * 3_600_000;
    return [age, city, at, random.next() < (age / 100) ** 2 ? 'high' : 'low'];
  });
  let model: FittedModel;
  beforeAll(async () => {
    model = await fit(tableFromRows(columns, rows), { epochs: 16, minimum_steps: 1 });
  });

  it('follow what comes before them in the order, not only what comes after', async () => {
    const real = rows.filter(([, , , income]) => income === 'high');
    const drawn = await draw(model, 4000, [{ column: 'income', value: 'high' }]);
    expect(shareOf(drawn, ([, , , income]) => income === 'high')).toBe(1);
    // Mean age of the real subset; standard error .3 of the drawn rows, .35 of the real ones.
    expect(Math.abs(mean(drawn.map(([age]) => age as number)) - mean(real.map(([age]) => age as number)))).toBeLessThan(
      1.8,
    );
    expect(Math.abs(shareOf(drawn, isOld) - shareOf(real, isOld))).toBeLessThan(0.05);
  });

  it('hold ranges exactly, also where they cut a bin', async () => {
    const drawn = await draw(model, 3000, [
      { column: 'age', minimum: 33.5, maximum: 41 },
      { column: 'income', value: 'low' },
    ]);
    const ages = new Set(drawn.map(([age]) => age as number));
    expect([...ages].toSorted((a, b) => a - b)).toEqual([34, 35, 36, 37, 38, 39, 40, 41]);
  });

  it('hold a moment, a day and a stretch of a datetime column', async () => {
    const moment = 18_100 * DAY + 7 * 3_600_000;
    expect((await draw(model, 50, [{ column: 'at', value: moment }])).every(([, , at]) => at === moment)).toBe(true);
    const day = { column: 'at', minimum: 18_100 * DAY, maximum: 18_101 * DAY - 1 };
    const hours = (await draw(model, 500, [day])).map(([, , at]) => at as number);
    expect(hours.every((at) => at >= day.minimum && at <= day.maximum && at % 3_600_000 === 0)).toBe(true);
    expect(new Set(hours).size).toBe(24);
  });

  it('hold listed moments, each as often as the model has it', async () => {
    const moments = [18_100 * DAY + 7 * 3_600_000, 18_100 * DAY + 20 * 3_600_000, 18_250 * DAY + 7 * 3_600_000];
    const [first, second, ...others] = moments as [number, number, number];
    const drawn = await draw(model, 3000, [{ column: 'at', values: [first, second, ...others] }]);
    // All hours are as frequent as any other, to within a tenth in the 6,000 rows; two days of 20 rows may differ by half.
    const onDay = drawn.filter(([, , at]) => at !== moments[2]);
    expect(Math.abs(shareOf(onDay, ([, , at]) => at === first) - 1 / 2)).toBeLessThan(0.1);
    expect(Math.abs(shareOf(drawn, ([, , at]) => at === moments[2]) - 1 / 3)).toBeLessThan(0.17);
    expect(shareOf(drawn, ([, , at]) => moments.includes(at as number))).toBe(1);
  });

  it('hold a moment or a missing one, each as often as the model has it', async () => {
    const hours = [7, 12, 20];
    const someMissing = rowsBy(4000, (random) => {
      const day = 18_000 + Math.floor(10 * random.next());
      const at = day * DAY + hours[Math.floor(3 * random.next())]! * 3_600_000;
      return [random.next() < 0.1 ? null : at];
    });
    const gappy = await fit(tableFromRows([column('at', 'datetime')], someMissing), {
      epochs: 16,
      minimum_steps: 1,
    });
    const moment = 18_004 * DAY + 12 * 3_600_000;
    const drawn = await draw(gappy, 3000, [{ column: 'at', values: [moment, null] }]);
    gappy.dispose();
    expect(shareOf(drawn, ([at]) => at === moment || at === null)).toBe(1);
    // .9 / 30 of the rows beside .1: a share of .231, with 120 rows of its own a standard error of .019.
    expect(Math.abs(shareOf(drawn, ([at]) => at === moment) - 0.231)).toBeLessThan(0.08);
  });

  it('hold listed numbers and categories, with the rest of the row as in the real rows that have them', async () => {
    const real = rows.filter(isListed);
    const drawn = await draw(model, 4000, [
      { column: 'age', values: [75, 25, 48, 47] },
      { column: 'city', values: ['old town', 'new town'] },
    ]);
    expect(shareOf(drawn, isListed)).toBe(1);
    // Of some 400 real rows a share has a standard error of .025 at most.
    for (const has of [isOld, ([age]: Cell[]) => age === 75, ([, , , income]: Cell[]) => income === 'high']) {
      expect(Math.abs(shareOf(drawn, has) - shareOf(real, has))).toBeLessThan(0.11);
    }
  });

  it('name the column where they cannot be met', async () => {
    const impossible: Condition[][] = [
      [{ column: 'age', minimum: 200 }],
      [{ column: 'age', minimum: 30.2, maximum: 30.8 }],
      [{ column: 'age', value: 'old' }],
      [{ column: 'age', value: null }],
      [
        { column: 'age', maximum: 30 },
        { column: 'age', minimum: 40 },
      ],
    ];
    for (const conditions of impossible) {
      await expect(draw(model, 10, conditions)).rejects.toMatchObject({ name: 'ConditionError', column: 'age' });
    }
  });

  it('give the same rows whatever the batch size', async () => {
    const conditions = [{ column: 'income', value: 'high' }];
    const rowsAt = async (batchSize: number) =>
      rowsOf(await collect(model.sample({ rowCount: 700, batchSize, conditions }, contextOf())));
    expect(await rowsAt(7)).toEqual(await rowsAt(10_000));
  });
});

describe('a run of autoregressive', () => {
  const rows = rowsBy(1200, (random) => {
    const x = random.next();
    return [Math.round(100 * x), x + random.next() > 1 ? 'yes' : 'no'];
  });
  const table = tableFromRows([column('x', 'integer'), column('y', 'categorical')], rows);

  const QUICK = { minimum_steps: 50 };

  it('goes on from a checkpoint to the same model', async () => {
    const whole = await draw(await fit(table, QUICK), 300);
    const stop = new Error('killed');
    const states: StoredArtefacts[] = [];
    let steps = 0;
    const first: Checkpoints = {
      restore: async () => null,
      due: () => steps === 20,
      async save(write) {
        const artefacts = memoryArtefacts();
        await write(artefacts);
        states.push(artefacts.stored);
      },
    };
    const killed = contextOf({
      checkpoints: first,
      report: ({ phase }) => {
        if (phase === 'train' && ++steps === 25) throw stop;
      },
    });
    await expect(fit(table, QUICK, killed)).rejects.toBe(stop);
    expect(states).toHaveLength(1);
    const second: Checkpoints = {
      restore: async () => memoryArtefacts(states[0]),
      due: () => false,
      save: async () => undefined,
    };
    const resumed = await fit(table, QUICK, contextOf({ checkpoints: second }));
    expect(await draw(resumed, 300)).toEqual(whole);
  });

  it('expects each token of a small table as often as it occurs', async () => {
    const drawn = await draw(await fit(table, { given_share: 0 }), 20_000);
    // 20,000 draws of a share near a half: standard error .0035.
    expect(Math.abs(shareOf(drawn, isYes) - shareOf(rows, isYes))).toBeLessThan(0.014);
  });
});

describe('autoregressive on few rows', () => {
  it('believes the less in what few rows show by chance, the more it is to be held back', async () => {
    const columns = Array.from({ length: 6 }, (_, c) => column(`x${c}`, 'continuous'));
    const table = tableFromRows(
      columns,
      rowsBy(200, (random) => columns.map(() => random.next())),
    );
    const pairs = columns.flatMap((_, a) => columns.slice(0, a).map((__, b) => [a, b] as const));
    const believed = async (shrinkage: number) => {
      const rows = await draw(await fit(table, { shrinkage }), 5000);
      return Math.sqrt(mean(pairs.map(([a, b]) => correlation(rows, a, b) ** 2)));
    };
    // Correlations of 200 rows without a relation have a standard error of .07, those of 5,000 drawn rows add .014 of their own.
    expect(await believed(60)).toBeLessThan(0.5 * (await believed(0)));
  });

  it('begins as the Gaussian copula of the numbers', async () => {
    const columns = ['x', 'y', 'z'].map((name) => column(name, 'continuous'));
    const rows = rowsBy(2000, (random) => {
      const [x, e, d] = [normalQuantile(random.next()), normalQuantile(random.next()), normalQuantile(random.next())];
      const y = 0.8 * x + 0.6 * e;
      return [x, y, 0.5 * x - 0.9 * y + 0.6 * d];
    });
    const untrained = { epochs: 1, minimum_steps: 1, maximum_steps: 1, learning_rate: 1e-9 };
    const drawn = await draw(await fit(tableFromRows(columns, rows), untrained), 20_000);
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      // 20,000 draws have a standard error of at most .007, stretches of the numbers blur a little.
      expect(Math.abs(correlation(drawn, a, b) - correlation(rows, a, b))).toBeLessThan(0.04);
    }
  });

  it('bears numbers that say the same, and gaps that make correlations contradict each other', async () => {
    const columns = ['a', 'b', 'c', 'copy'].map((name) => column(name, 'continuous'));
    const rows = rowsBy(600, (random, i) => {
      const x = normalQuantile(random.next());
      if (i % 3 === 0) return [x, x, null, x];
      return i % 3 === 1 ? [x, null, x, x] : [null, x, -x, null];
    });
    const drawn = await draw(await fit(tableFromRows(columns, rows)), 3000);
    const both = drawn.filter(([a, , , copy]) => a !== null && copy !== null);
    expect(both.length).toBeGreaterThan(1000);
    expect(correlation(both, 0, 3)).toBeGreaterThan(0.95);
  });

  it('keeps a rule without exception, but for one row in a hundred', async () => {
    const ruled = rowsBy(1000, (random) => {
      const isChild = random.next() < 0.3;
      return [isChild ? 'none' : random.next() < 0.6 ? 'smith' : 'clerk', isChild ? 'child' : 'grown'];
    });
    const drawn = await draw(
      await fit(tableFromRows([column('trade', 'categorical'), column('stage', 'categorical')], ruled)),
      10_000,
    );
    expect(shareOf(drawn, ([trade, stage]) => (trade === 'none') !== (stage === 'child'))).toBeLessThan(0.01);
  });

  it('learns relations of numbers that bend, or turn by a third column, from 200 rows', async () => {
    const columns = Array.from({ length: 4 }, (_, c) => column(`x${c}`, 'continuous'));
    const rows = rowsBy(200, (random) => {
      const [x, sign] = [random.next(), random.next() < 0.5 ? 1 : -1];
      return [x, x * x + 0.1 * random.next(), sign, sign * x];
    });
    const drawn = await draw(await fit(tableFromRows(columns, rows)), 5000);
    expect(correlation(drawn, 0, 1)).toBeGreaterThan(0.87);
    // By pairs it would be 0: the last is the first or its opposite, as the third says.
    const turned = drawn.map((row) => [row[0]!, (row[3] as number) * (row[2] as number)]);
    expect(correlation(turned, 0, 1)).toBeGreaterThan(0.55);
  });
});

const isNear = ([shop]: Cell[]) => Number((shop as string).slice(5)) < 300;
const isYes = ([, y]: Cell[]) => y === 'yes';
const isOld = ([, city]: Cell[]) => city === 'old town';

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantile(values: readonly number[], p: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(p * values.length)]!;
}

function correlation(rows: readonly Cell[][], a: number, b: number): number {
  const [x, y] = [a, b].map((c) => rows.map((row) => row[c] as number)) as [number[], number[]];
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, i) => (value - meanX) * (y[i]! - meanY)));
  const spread = (values: number[], centre: number) => Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  return covariance / (spread(x, meanX) * spread(y, meanY));
}
