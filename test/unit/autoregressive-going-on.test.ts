import { beforeAll, describe, expect, it } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import { type ColumnSchema, type Compute, type FittedModel, RandomStream } from '../../src/core/plugin-api/index.js';
import {
  type Cell,
  memoryArtefacts,
  rowsOf,
  tableFromRows,
  testContext,
} from '../../src/core/plugin-api/testing/index.js';
import { autoregressiveConfig } from '../../src/plugins/autoregressive/config.js';
import { autoregressive } from '../../src/plugins/autoregressive/index.js';
import { collect } from '../support/collect.js';

const DAY = 86_400_000;
const FIRST_DAY = 18_000;
let compute: Compute;
beforeAll(async () => {
  compute = await createCompute({ executor: 'onnx-cpu', threads: 1 });
});

const columns: readonly ColumnSchema[] = [
  { name: 'a', kind: 'categorical', nullable: true },
  { name: 'b', kind: 'categorical', nullable: true },
  { name: 'same', kind: 'categorical', nullable: true },
  { name: 'size', kind: 'integer', nullable: true },
  { name: 'day', kind: 'datetime', nullable: true },
];

/** Whether a and b are the same is a column of its own: what no correlation shows, and few rows do not teach. */
function rowsBy(count: number, seed: number, from: { size: number; day: number }): Cell[][] {
  const random = new RandomStream(seed, 'test.going-on');
  return Array.from({ length: count }, () => {
    const [a, b] = [random.next() < 0.5 ? 'x' : 'y', random.next() < 0.5 ? 'x' : 'y'];
    const size = from.size + Math.floor(50 * random.next());
    return [a, b, a === b ? 'yes' : 'no', size, (from.day + Math.floor(200 * random.next())) * DAY];
  });
}

async function fit(rows: readonly Cell[][], config: object, base?: FittedModel): Promise<FittedModel> {
  const runtime = await autoregressive.loadRuntime();
  const saved = memoryArtefacts();
  await base?.save(saved);
  const request = {
    source: tableFromRows(columns, rows),
    config: autoregressiveConfig.parse(config),
    ...(base && { base: memoryArtefacts(saved.stored) }),
  };
  return runtime.fit(request, testContext({ seed: 3, compute }));
}

const draw = async (model: FittedModel, rowCount = 2000) =>
  rowsOf(await collect(model.sample({ rowCount, batchSize: 1000 }, testContext({ seed: 5, compute }))));
const shareOf = <T>(items: readonly T[], has: (item: T) => boolean) => items.filter(has).length / items.length;
const isRight = ([a, b, same]: Cell[]) => (a === b) === (same === 'yes');

describe('training that goes on from a model', () => {
  const old = rowsBy(4000, 1, { size: 0, day: FIRST_DAY });
  let base: FittedModel;
  beforeAll(async () => {
    base = await fit(old, {});
  });

  it('keeps what it knew, where the new rows alone are too few to teach it', async () => {
    const few = rowsBy(30, 2, { size: 0, day: FIRST_DAY });
    const [onward, anew] = [await fit(few, {}, base), await fit(few, {})];
    expect(shareOf(await draw(onward), isRight)).toBeGreaterThan(0.95);
    expect(shareOf(await draw(anew), isRight)).toBeLessThan(0.85);
  });

  it('learns numbers, dates, categories and gaps that the base never saw, but for rare categories', async () => {
    const later = rowsBy(1500, 3, { size: 60, day: FIRST_DAY + 250 }).map(([a, b, ...rest], i) => {
      return [i % 3 === 0 ? 'z' : a!, i % 500 === 1 ? `rare ${i}` : i % 4 === 0 ? null : b!, ...rest];
    });
    const model = await fit(later, {}, base);
    const drawn = await draw(model);
    const sizes = drawn.map((row) => row[3] as number);
    const days = drawn.map((row) => (row[4] as number) / DAY);
    expect(shareOf(sizes, (size) => size >= 60)).toBeGreaterThan(0.97);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(109);
    expect(shareOf(days, (day) => day >= FIRST_DAY + 250)).toBeGreaterThan(0.97);
    expect(Math.max(...days)).toBeLessThanOrEqual(FIRST_DAY + 449);
    // 2,000 draws of shares of a third and a quarter: five standard errors are .053 and .048.
    expect(Math.abs(shareOf(drawn, ([a]) => a === 'z') - 1 / 3)).toBeLessThan(0.053);
    expect(Math.abs(shareOf(drawn, ([, b]) => b === null) - 1 / 4)).toBeLessThan(0.048);
    expect(drawn.filter(([, b]) => String(b).startsWith('rare'))).toEqual([]);
  });

  it('gives a model that is saved and restored, and gone on from again', async () => {
    const later = rowsBy(600, 4, { size: 200, day: FIRST_DAY });
    const model = await fit(later, { epochs: 2 }, base);
    const saved = memoryArtefacts();
    await model.save(saved);
    const runtime = await autoregressive.loadRuntime();
    const restored = await runtime.restore(memoryArtefacts(saved.stored), testContext({ seed: 3, compute }));
    expect(await draw(restored, 300)).toEqual(await draw(model, 300));
    const again = await fit(rowsBy(600, 5, { size: 400, day: FIRST_DAY }), { epochs: 8 }, model);
    expect(shareOf(await draw(again), (row) => (row[3] as number) >= 400)).toBeGreaterThan(0.9);
  });
});
