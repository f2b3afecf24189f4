import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness, Rows } from '../generator-harness.js';
import { rowsOf } from '../table-from-rows.js';
import { isCoded, type TableBatch } from '../../tables.js';
import type { FittedModel } from '../../generator.js';

/** Of plugins that say that they fill gaps. */
export function imputationCases(harness: GeneratorHarness): ConformanceCase[] {
  if (harness.plugin.capabilities.imputation !== true) return [];
  return [
    {
      name: 'fills every gap of the table that it learned from, row for row',
      run: () =>
        harness.withModel({}, async (model) => {
          const before = rowsOf(await all(harness.table.batches(64)));
          const filled = await impute(harness, model, 1);
          assert.equal(filled.length, before.length, 'the number of rows');
          assert.ok(
            before.some((row) => row.includes(null)),
            'the table has gaps',
          );
          filled.forEach((row, i) => assert.ok(!row.includes(null), `row ${i + 1} has no gap left`));
        }),
    },
    {
      name: 'fills gaps in the same way by the same seed, and otherwise by another',
      run: () =>
        harness.withModel({}, async (model) => {
          const filled = await impute(harness, model, 1);
          assert.deepEqual(await impute(harness, model, 1), filled);
          assert.notDeepEqual(await impute(harness, model, 2), filled);
        }),
    },
  ];
}

async function impute(harness: GeneratorHarness, model: FittedModel, seed: number): Promise<Rows> {
  assert.ok(model.impute, 'a model has impute, since capabilities.imputation is true');
  return rowsOf(await all(model.impute({ source: harness.table }, await harness.context({ seed }))));
}

async function all(batches: AsyncIterable<TableBatch>): Promise<TableBatch[]> {
  const list: TableBatch[] = [];
  for await (const batch of batches) {
    for (const column of batch.columns) {
      assert.equal((isCoded(column) ? column.codes : column.values).length, batch.rowCount, 'the length of a column');
    }
    list.push(batch);
  }
  return list;
}
