import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import { type Compute, RandomStream, type TableBatch } from '../../src/core/plugin-api/index.js';
import { type Cell, rowsOf, testContext } from '../../src/core/plugin-api/testing/index.js';
import { autoregressiveConfig } from '../../src/plugins/autoregressive/config.js';
import { autoregressive } from '../../src/plugins/autoregressive/index.js';
import { privacy } from '../../src/plugins/privacy/index.js';
import { adultTable } from '../support/adult.js';
import { rowsOfSource, runEvaluator, scoreOf, sourceOf } from '../support/evaluate.js';

vi.setConfig({ testTimeout: 300_000 });

const adult = adultTable();
let compute: Compute;
let people: Cell[][];
beforeAll(async () => {
  compute = await createCompute({ executor: 'onnx-cpu', threads: 1 });
  people = await rowsOfSource(adult);
});

/** Learns one half of so many people, draws rows, and asks of the half that was held out too. */
async function release(count: number, drawnRows: number, askedRows: number) {
  const order = new RandomStream(1, 'test.halves').shuffle(Int32Array.from(people.keys())).subarray(0, count);
  const rows = Array.from(order, (row) => people[row]!);
  const [learned, held] = [rows.slice(0, count / 2), rows.slice(count / 2)];
  const context = testContext({ seed: 1, compute });
  const runtime = await autoregressive.loadRuntime();
  const source = sourceOf(adult, learned);
  const model = await runtime.fit({ source, config: autoregressiveConfig.parse({}) }, context);
  const batches: TableBatch[] = [];
  const request = { rowCount: drawnRows, batchSize: drawnRows };
  for await (const batch of model.sample(request, context)) batches.push(batch);
  model.dispose();
  const drawn = rowsOf(batches);
  const result = await runEvaluator(privacy, {
    real: source,
    synthetic: sourceOf(adult, drawn),
    holdout: sourceOf(adult, held),
    config: { distance_rows: askedRows, distance_cells: 1_000_000, attacks: 50 },
  });
  return { learned, drawn, result };
}

describe('what autoregressive remembers of the adult table', () => {
  it('is not the rows: a drawn row is as near to people who were not learned as to those who were', async () => {
    const asked = 3000;
    const { result } = await release(people.length - 1, 12_000, asked);
    // If the share were .51, this would fail for one seed in a hundred.
    expect(scoreOf(result, 'closer_to_training')!).toBeLessThan(0.51 + (2.33 * 0.5) / Math.sqrt(asked));
    expect(scoreOf(result, 'identical_matches')!).toBeLessThanOrEqual(scoreOf(result, 'identical_matches', 'holdout')!);
    expect(scoreOf(result, 'proven_risk')).toBe(0);
  });

  it.each([200, 1000])('is no row and no rare category of %i people', async (count) => {
    const { learned, drawn, result } = await release(2 * count, 2000, 2000);
    expect(scoreOf(result, 'identical_matches')!).toBeLessThanOrEqual(scoreOf(result, 'identical_matches', 'holdout')!);
    // Near matches beyond those that chance deals out; certain copies would show as a proven risk of 1.
    expect(scoreOf(result, 'copied_share')!).toBeLessThan(0.01);
    expect(scoreOf(result, 'proven_risk')!).toBeLessThan(0.1);
    adult.schema.columns.forEach(({ kind }, c) => {
      if (kind !== 'categorical') return;
      const counts = new Map<Cell, number>();
      for (const row of learned) counts.set(row[c]!, (counts.get(row[c]!) ?? 0) + 1);
      for (const category of new Set(drawn.map((row) => row[c]!))) {
        expect(counts.get(category)).toBeGreaterThanOrEqual(5);
      }
    });
  });
});
