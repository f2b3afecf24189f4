import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  GaussianRelease,
  isCoded,
  RandomStream,
  restrictCoding,
  seededNoise,
  type ColumnCoding,
  type ColumnSchema,
  type Condition,
  type FittedModel,
  type RunContext,
  type TableCodes,
} from '../../src/core/plugin-api/index.js';
import { NoisyAnswers } from '../../src/core/plugin-api/privacy/encoding/query.js';
import {
  memoryArtefacts,
  rowsOf,
  tableFromRows,
  testContext,
  type Cell,
} from '../../src/core/plugin-api/testing/index.js';
import { dpAutoregressive } from '../../src/plugins/dp-autoregressive/index.js';
import { featuresOf } from '../../src/plugins/dp-autoregressive/runtime/column-features.js';
import { fitColumn } from '../../src/plugins/dp-autoregressive/runtime/fit-column.js';
import { measureRelations } from '../../src/plugins/dp-autoregressive/runtime/relations.js';
import { shrinkSingularValues } from '../../src/plugins/dp-autoregressive/runtime/shrink-singular-values.js';

afterEach(() => vi.restoreAllMocks());

const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((x, i) => x - b[i]!));
const coding = (masses: number[], ordered: boolean): ColumnCoding => ({
  name: 'column',
  kind: ordered ? 'integer' : 'categorical',
  masses,
  missing: false,
  values: ordered
    ? { cells: { starts: masses.map((_, i) => i), ends: masses.map((_, i) => i + 1) }, grid: { places: 0 } }
    : { categories: masses.map((_, i) => `c${i}`) },
});
const column = (values: ColumnCoding['values']): ColumnCoding => {
  return { name: 'x', kind: 'continuous', masses: [1, 1, 1], missing: true, values };
};
async function stored(model: FittedModel) {
  const artefacts = memoryArtefacts();
  await model.save(artefacts);
  return artefacts.stored;
}

async function draw(model: FittedModel, rowCount: number, conditions: readonly Condition[] = []): Promise<Cell[][]> {
  const batches = [];
  for await (const batch of model.sample({ rowCount, batchSize: 1000, conditions }, testContext({ seed: 3 }))) {
    expect(isCoded(batch.columns[1]!)).toBe(true);
    batches.push(batch);
  }
  return rowsOf(batches);
}

const mean = (table: readonly (readonly Cell[])[]) =>
  table.reduce((sum, row) => sum + Number(row[0]), 0) / table.length;
const tick = async () => undefined;
const uniforms = (purpose: string) => new RandomStream(5, purpose);

describe('the release of real numbers', () => {
  it('has noise of the variance that is charged, at an error rate of 1e-6', () => {
    const count = 20_000;
    const mechanism = new GaussianRelease(2, 3, count);
    const noisy = mechanism.release(new Float64Array(count).fill(0.123), seededNoise(4, 'release'));
    const variance = noisy.reduce((sum, value) => sum + (value - 0.123) ** 2, 0) / count;
    expect(Math.abs(variance / mechanism.deviation ** 2 - 1)).toBeLessThan(4.9 * Math.sqrt(2 / count));
    // Rounding is reckoned in: never less noise than for the sensitivity alone.
    expect(mechanism.deviation).toBeGreaterThan(6);
    expect(mechanism.deviation).toBeLessThan(6 * 1.01);
  });

  it('gives multiples of one step, whatever the values are', () => {
    const mechanism = new GaussianRelease(1, 2, 10);
    const [a, b] = [mechanism.release([0], seededNoise(1, 'a')), mechanism.release([Math.PI], seededNoise(1, 'b'))];
    const steps = (a[0]! - b[0]!) / (mechanism.deviation / 2 ** 16);
    expect(steps).toBeCloseTo(Math.round(steps), 6);
  });
});

describe('shrinking singular values', () => {
  const [rows, columns] = [9, 14];
  const pattern = Float64Array.from({ length: rows * columns }, (_, at) => {
    return 8 * Math.sin(Math.floor(at / columns)) * Math.cos(at % columns);
  });
  const noise = (deviation: number): Float64Array => {
    const stream = uniforms('noise');
    return pattern.map(() => deviation * Math.sqrt(12) * (stream.next() - 0.5));
  };

  it('takes most of the noise off a matrix of one pattern', () => {
    const noisy = noise(1).map((x, i) => x + pattern[i]!);
    expect(distance(shrinkSingularValues(noisy, rows, columns, 1), pattern)).toBeLessThan(
      0.6 * distance(noisy, pattern),
    );
  });

  it('leaves nothing of noise alone, and all of what has none', () => {
    expect([...shrinkSingularValues(noise(1), rows, columns, 1)].every((x) => x === 0)).toBe(true);
    expect(distance(shrinkSingularValues(pattern, rows, columns, 1e-9), pattern)).toBeLessThan(1e-9);
  });
});

describe('the measured relations', () => {
  const features = [
    featuresOf(coding([300, 60, 40], false), 4),
    featuresOf(
      coding(
        Array.from({ length: 20 }, () => 20),
        true,
      ),
      4,
    ),
    featuresOf(coding([398, 2], false), 4),
  ];

  // Of an average row of independent columns: the root of the sum over pairs of products of energies.
  const [x, y, z] = features.map(({ weights }) => Math.hypot(...weights) ** 2) as [number, number, number];
  const rowNorm = Math.sqrt(x * y + x * z + y * z);

  async function sums(
    codes: readonly number[],
    clipNorm: number,
  ): Promise<{ values: Float64Array; sensitivity: number }> {
    const values: number[] = [];
    vi.spyOn(GaussianRelease.prototype, 'release').mockImplementation((given) => {
      values.push(...Array.from(given));
      return Float64Array.from(given);
    });
    const table: TableCodes = { rowCount: codes.length / 3, columnCount: 3, codes: Uint16Array.from(codes) };
    const plan = { clipNorm, noiseMultiplier: 1, rowCount: 400 };
    await measureRelations(table, features, plan, seededNoise(1, 'unused'), { tick });
    return { values: Float64Array.from(values), sensitivity: clipNorm * rowNorm };
  }

  it('move by at most the charged sensitivity when a row is added, be it ever so odd', async () => {
    const stream = uniforms('codes');
    const codes = Array.from({ length: 900 }, (_, i) => stream.nextInteger([3, 20, 2][i % 3]!));
    const before = await sums(codes, 1.5);
    for (const row of [
      [0, 3, 0],
      [2, 19, 1],
      [0xffff, 0, 1],
    ]) {
      const after = await sums([...codes, ...row], 1.5);
      const moved = Math.hypot(...after.values.map((value, i) => value - before.values[i]!));
      expect(moved).toBeLessThanOrEqual(before.sensitivity * (1 + 1e-9));
      expect(moved).toBeGreaterThan(0.1);
    }
    // The odd row is the reason for clipping: without it the row would count for more.
    const free = await sums([2, 19, 1], 100);
    expect(Math.hypot(...free.values)).toBeGreaterThan(before.sensitivity);
  });

  it('have features of mean 0 and variance 1 under the frequencies, weighing no more than one category', () => {
    for (const { codes, size, frequencies, values, weights } of features) {
      for (let j = 0; j < size; j++) {
        const moment = (power: number) =>
          frequencies.reduce((sum, p, k) => sum + p * values[k * size + j]! ** power, 0);
        expect(moment(1)).toBeCloseTo(0, 9);
        expect(moment(2)).toBeCloseTo(1, 9);
      }
      expect(Math.hypot(...weights)).toBeLessThanOrEqual(1 + 1e-9);
      expect(values).toHaveLength(codes * size);
    }
  });
});

describe('fitting a column', () => {
  it('stays finite where a relation rules out a code that nobody has', async () => {
    const earlier = featuresOf(coding([500, 500], false), 4);
    const own = featuresOf(coding([900, 0, 100], false), 4);
    // Where the earlier column has its first category, which it always has, the third feature is as good as impossible.
    const products = Float64Array.from([0, 0, -4000, 0, 0, 4000]);
    const relation = { products, deviations: products.map(() => 0.01) };
    const rows = [new Uint16Array(400)];
    const { bias, weights } = await fitColumn(own, [earlier], [relation], rows, 40, { tick });
    expect([...bias, ...weights[0]!].every(Number.isFinite)).toBe(true);
  });
});

describe('conditions on codings', () => {
  const cells = { starts: [0, 10], ends: [10, 30] };

  it('leave of cells what lies within a range, both ends included', () => {
    const { coding: left, shares } = restrictCoding(column({ cells, grid: { places: 1 } }), {
      column: 'x',
      minimum: 0.45,
      maximum: 1.5,
    });
    expect([...shares]).toEqual([0.5, 0.3, 0]);
    expect(left.values).toMatchObject({ cells: { starts: [5, 10], ends: [10, 16] } });
  });

  it('find single real numbers, and missing cells', () => {
    const real = column({ cells, grid: { real: true } });
    expect(restrictCoding(real, { column: 'x', value: 12.5 }).shares[1]).toBeGreaterThan(0);
    expect([...restrictCoding(real, { column: 'x', value: null }).shares]).toEqual([0, 0, 1]);
    expect(() => restrictCoding(real, { column: 'x', minimum: 31 })).toThrow('takes no such value');
    expect(() => restrictCoding(real, { column: 'x', minimum: 3, maximum: 2 })).toThrow('no number between 3 and 2');
  });
});

describe('the whole run', () => {
  const schema: readonly ColumnSchema[] = [
    { name: 'amount', kind: 'integer', nullable: false },
    { name: 'kind', kind: 'categorical', nullable: false },
    { name: 'rare', kind: 'boolean', nullable: false },
  ];
  // A large amount makes the kind likely, the kind makes the flag likely.
  const stream = uniforms('rows');
  const rows = Array.from({ length: 6000 }, (): Cell[] => {
    const amount = stream.nextInteger(60);
    const kind = stream.next() < amount / 60 ? 'a' : 'b';
    return [amount, kind, stream.next() < (kind === 'a' ? 0.2 : 0.02)];
  });
  const config = dpAutoregressive.configSchema.parse({ epsilon: 8, bins: 12, fitting_rows: 2048 });

  async function fit(table: readonly (readonly Cell[])[], seedIsUsers = true): Promise<FittedModel> {
    const runtime = await dpAutoregressive.loadRuntime();
    const source = tableFromRows(schema, table, { profile: false });
    return runtime.fit(
      { source, config },
      Object.create(testContext({ seed: 11 }), { seedIsUsers: { value: seedIsUsers } }) as RunContext,
    );
  }

  it('depends on the rows through the noisy counts and the noisy relations alone', async () => {
    const answers: Float64Array[] = [];
    const releases: Float64Array[] = [];
    const { ask } = NoisyAnswers.prototype;
    const { release } = GaussianRelease.prototype;
    const askSpy = vi.spyOn(NoisyAnswers.prototype, 'ask').mockImplementation(function (this: NoisyAnswers, ...args) {
      answers.push(ask.apply(this, args));
      return answers.at(-1)!;
    });
    const releaseSpy = vi.spyOn(GaussianRelease.prototype, 'release');
    releaseSpy.mockImplementation(function (this: GaussianRelease, ...args) {
      releases.push(release.apply(this, args));
      return releases.at(-1)!;
    });
    const first = await stored(await fit(rows));
    // Another row in the place of one: the released values of the first run, and so the same model to the last bit.
    const neighbour = rows.with(599, [1_000_000, 'b', true]);
    expect(await stored(await fit(neighbour))).not.toEqual(first);
    let [asked, released] = [0, 0];
    askSpy.mockImplementation(() => answers[asked++]!);
    releaseSpy.mockImplementation(() => releases[released++]!);
    expect(await stored(await fit(neighbour))).toEqual(first);
    expect(released).toBe(3);
  });

  it('spends no more than the budget, charges the relations, and marks a seeded run as not private', async () => {
    const { summary } = await fit(rows);
    expect(summary.privacySpent!.epsilon).toBeLessThanOrEqual(8);
    expect(summary.privacyLedger!.at(-1)!.reads).toMatch(/^\d+ sums of products of features/);
    const parts = summary.privacyLedger!.reduce((sum, { epsilon }) => sum + epsilon, 0);
    expect(parts).toBeCloseTo(summary.privacySpent!.epsilon, 6);
    expect(summary.privacyCaveats!.join(' ')).toContain('Not private');
  });

  it('takes its noise from a cryptographic generator when the seed is not the user’s', async () => {
    const [first, second] = [await fit(rows, false), await fit(rows, false)];
    expect(first.summary.privacyCaveats!.join(' ')).not.toContain('Not private');
    expect(await stored(first)).not.toEqual(await stored(second));
  });

  it('learns relations, and follows them under a condition on a later column', async () => {
    const model = await fit(rows);
    const real = (flag: boolean) => mean(rows.filter((row) => row[2] === flag));
    const drawn = await draw(model, 4000, [{ column: 'rare', value: true }]);
    expect(drawn.every((row) => row[2] === 1)).toBe(true);
    // The two means are 38 and 28; those of 4,000 rows have an error of 0.3.
    expect(Math.abs(mean(drawn) - real(true))).toBeLessThan(2.5);
    expect(Math.abs(mean(await draw(model, 4000, [{ column: 'rare', value: false }])) - real(false))).toBeLessThan(2.5);
  });

  it('gives the same rows whatever the batch size', async () => {
    const model = await fit(rows);
    const sampleIn = async (batchSize: number) => {
      const batches = [];
      for await (const batch of model.sample({ rowCount: 70, batchSize }, testContext({ seed: 3 })))
        batches.push(batch);
      return rowsOf(batches);
    };
    expect(await sampleIn(7)).toEqual(await sampleIn(70));
  });

  it('refuses conditions that exclude one another', async () => {
    const model = await fit(rows);
    const conditions: Condition[] = [
      { column: 'kind', value: 'a' },
      { column: 'kind', value: 'b' },
    ];
    await expect(draw(model, 10, conditions)).rejects.toThrow('exclude one another');
  });
});
