import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { sampleInFreshProcess } from '../fresh-process.js';
import type { GeneratorHarness } from '../generator-harness.js';
import { memoryArtefacts } from '../memory-artefacts.js';

export function reproducibilityCases(harness: GeneratorHarness): ConformanceCase[] {
  return [
    {
      name: 'the same seed gives the same rows, whatever the batch size',
      async run() {
        const first = await harness.withModel({ seed: 5 }, (model) => harness.sample(model, { seed: 5 }));
        await harness.withModel({ seed: 5 }, async (model) => {
          for (const batchSize of [64, 7, 100_000]) {
            assert.deepEqual(await harness.sample(model, { seed: 5, batchSize }), first, `batches of ${batchSize}`);
          }
        });
      },
    },
    {
      name: 'the first rows are the same, however many are asked for',
      async run() {
        await harness.withModel({}, async (model) => {
          const few = await harness.sample(model, { rowCount: 20 });
          const many = await harness.sample(model, { rowCount: 90 });
          assert.deepEqual(many.slice(0, 20), few);
        });
      },
    },
    {
      name: 'another seed gives other rows',
      async run() {
        await harness.withModel({ seed: 5 }, async (model) => {
          const first = await harness.sample(model, { seed: 5 });
          assert.notDeepEqual(await harness.sample(model, { seed: 6 }), first);
        });
      },
    },
    {
      name: 'a saved model restored in a fresh process gives the same rows',
      async run() {
        await harness.withModel({}, async (model) => {
          const artefacts = memoryArtefacts();
          await model.save(artefacts);
          const rowCount = harness.rowCount;
          const task = { stored: artefacts.stored, seed: 9, rowCount, batchSize: 33, conditions: [] };
          const restored = await sampleInFreshProcess(harness.options.freshProcess, task);
          assert.deepEqual(restored, await harness.sample(model, { seed: 9 }));
        });
      },
    },
  ];
}
