import { describe, expect, it } from 'vitest';
import { rowsOf, testContext } from '../../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../../src/plugins/autoregressive/index.js';
import { adultTable } from '../support/adult.js';
import { collect } from '../support/collect.js';
import onnxCompute from '../support/onnx-compute.js';

describe('a list of values on the adult table', () => {
  it('is met with the frequencies of the real rows that meet it', async () => {
    const compute = await onnxCompute();
    const context = { ...testContext({ seed: 5, compute }), compute };
    const table = adultTable();
    const runtime = await autoregressive.loadRuntime();
    const model = await runtime.fit({ source: table, config: autoregressive.configSchema.parse({}) }, context);
    const values = [' Bachelors', ' Masters', ' Doctorate'] as const;
    const conditions = [
      { column: 'education', values },
      { column: 'age', minimum: 30, maximum: 40 },
    ];
    const drawn = rowsOf(await collect(model.sample({ rowCount: 5000, batchSize: 1000, conditions }, context)));
    model.dispose();
    const at = (name: string) => table.schema.columns.findIndex((column) => column.name === name);
    const [age, education, income] = [at('age'), at('education'), at('income')];
    const real = rowsOf(await collect(table.batches(10_000))).filter((row) => {
      return values.includes(row[education] as ' Masters') && (row[age] as number) >= 30 && (row[age] as number) <= 40;
    });
    expect(real.length).toBeGreaterThan(2000);
    type Row = (typeof real)[number];
    expect(drawn.filter((row) => !values.includes(row[education] as ' Masters'))).toEqual([]);
    const rich = (row: Row) => row[income] === ' >50K';
    const events: ((row: Row) => boolean)[] = [
      ...values.map((value) => (row: Row) => row[education] === value),
      rich,
      (row) => row[education] === ' Masters' && rich(row),
      (row) => (row[age] as number) > 35,
    ];
    for (const has of events) {
      const share = real.filter(has).length / real.length;
      // Five standard errors of the real share and of the drawn one, and .01 for what the network has not learned.
      const chance = 5 * Math.sqrt(share * (1 - share) * (1 / real.length + 1 / drawn.length));
      expect(Math.abs(drawn.filter(has).length / drawn.length - share)).toBeLessThan(chance + 0.01);
    }
  }, 240_000);
});
