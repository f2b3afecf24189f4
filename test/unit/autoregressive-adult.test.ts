import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Distribution } from '../../src/core/generators/distribution.js';
import { sampleShares } from '../../src/core/generators/shares/sample-shares.js';
import type { Condition, FittedModel, RunContext } from '../../src/core/plugin-api/index.js';
import { type Cell, rowsOf, testContext } from '../../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../../src/plugins/autoregressive/index.js';
import { adultTable } from '../support/adult.js';
import { collect } from '../support/collect.js';
import onnxCompute from '../support/onnx-compute.js';

const table = adultTable();
const names = table.schema.columns.map(({ name }) => name);
const at = (name: string) => names.indexOf(name);
const [age, education, sex, income] = [at('age'), at('education'), at('sex'), at('income')];
const isFemale = (row: readonly Cell[]) => row[sex] === ' Female';
const isRich = (row: readonly Cell[]) => row[income] === ' >50K';
const shareOf = (rows: readonly (readonly Cell[])[], has: (row: readonly Cell[]) => boolean) =>
  rows.filter(has).length / rows.length;

let context: RunContext;
let model: FittedModel;
let real: (readonly Cell[])[];
beforeAll(async () => {
  const compute = await onnxCompute();
  context = { ...testContext({ seed: 5, compute }), compute };
  const runtime = await autoregressive.loadRuntime();
  model = await runtime.fit({ source: table, config: autoregressive.configSchema.parse({}) }, context);
  real = rowsOf(await collect(table.batches(10_000)));
}, 240_000);
afterAll(() => model?.dispose());

const margin = (column: string, shares: Readonly<Record<string, number>>): Distribution[number] => ({
  column,
  groups: Object.entries(shares).map(([value, share]) => ({ condition: { column, value }, share })),
});
const draw = async (rowCount: number, distribution: Distribution) =>
  rowsOf(
    await collect(sampleShares(model, { rowCount, batchSize: 4096 }, distribution, table.schema.columns, context)),
  );

describe('a list of values on the adult table', () => {
  it('is met as often by each value as in the rows that the model draws without it, and as in the real ones', async () => {
    const values = [' Bachelors', ' Masters', ' Doctorate'] as const;
    const conditions: Condition[] = [
      { column: 'education', values },
      { column: 'age', minimum: 30, maximum: 40 },
    ];
    const drawn = rowsOf(await collect(model.sample({ rowCount: 5000, batchSize: 1000, conditions }, context)));
    const isListed = (row: readonly Cell[]) => values.includes(row[education] as ' Masters');
    expect(shareOf(drawn, isListed)).toBe(1);
    const meets = (row: readonly Cell[]) => isListed(row) && Math.abs((row[age] as number) - 35) <= 5;
    const subset = real.filter(meets);
    const free = rowsOf(await collect(model.sample({ rowCount: 60_000, batchSize: 10_000 }, context))).filter(meets);
    expect(Math.min(subset.length, free.length)).toBeGreaterThan(2000);
    const events: ((row: readonly Cell[]) => boolean)[] = [
      ...values.map((value) => (row: readonly Cell[]) => row[education] === value),
      isRich,
      (row) => row[education] === ' Masters' && isRich(row),
      (row) => (row[age] as number) > 35,
    ];
    for (const has of events) {
      const share = shareOf(drawn, has);
      // Five standard errors of the difference of two shares: one false alarm in two million.
      const chance = (count: number) => 5 * Math.sqrt(share * (1 - share) * (1 / count + 1 / drawn.length));
      expect(Math.abs(shareOf(free, has) - share)).toBeLessThan(chance(free.length));
      // And .01 for what the network has not learned.
      expect(Math.abs(shareOf(subset, has) - share)).toBeLessThan(chance(subset.length) + 0.01);
    }
  }, 120_000);
});

describe('shares of several columns of the adult table', () => {
  it('are met to the row, and values go together as in the real rows', async () => {
    const halves = [margin('sex', { ' Female': 0.5, ' Male': 0.5 }), margin('income', { ' >50K': 0.5, ' <=50K': 0.5 })];
    const drawn = await draw(8001, halves);
    expect([drawn.filter(isFemale).length, drawn.filter(isRich).length]).toEqual([4001, 4001]);
    const odds = (rows: readonly (readonly Cell[])[]) => {
      const count = (female: boolean, rich: boolean) =>
        rows.filter((row) => isFemale(row) === female && isRich(row) === rich).length;
      return (count(true, true) * count(false, false)) / (count(true, false) * count(false, true));
    };
    // Known to 5 % by the rows of the pilot, to 5 % by those that are drawn, to 3 % by the real ones; the rest is the network's.
    expect(Math.abs(Math.log(odds(drawn) / odds(real)))).toBeLessThan(0.4);
  }, 120_000);

  it('are refused where the model hardly has the rows that they would take', async () => {
    const refused = draw(1000, [
      margin('sex', { ' Female': 0.5, ' Male': 0.5 }),
      margin('relationship', { ' Husband': 0.9, ' Wife': 0.1 }),
    ]);
    await expect(refused).rejects.toMatchObject({ name: 'ConditionError', column: 'relationship' });
    await expect(refused).rejects.toThrow(
      'with "sex" " Female" have "relationship" " Wife" only, which 100 of the 1000 rows are to have',
    );
  }, 120_000);
});
