import assert from 'node:assert/strict';
import type { Condition, FittedModel } from '../../generator.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness, Rows } from '../generator-harness.js';
import type { Cell } from '../table-from-rows.js';

const UNKNOWN: readonly Condition[] = [
  { column: 'no such column', value: 1 },
  { column: 'city', value: 'Atlantis' },
];

export function conditionCases(harness: GeneratorHarness): ConformanceCase[] {
  const { conditionalSampling, missingValues } = harness.plugin.capabilities;
  const columns = harness.table.schema.columns;
  const has = (name: string) => columns.some((column) => column.name === name);
  if (conditionalSampling === 'none') {
    return [
      { name: 'a condition is refused', run: () => refuses(harness, [{ column: columns[0]!.name, value: null }]) },
    ];
  }
  const cases = UNKNOWN.filter(({ column }) => column !== 'city' || has('city')).map((condition) => ({
    name: `a condition on ${JSON.stringify(condition)} is refused with a ConditionError`,
    run: () => refuses(harness, [condition]),
  }));
  const possible = POSSIBLE.filter((conditions) => conditions.every(({ column }) => has(column))).filter(
    (conditions) => missingValues || !conditions.some(isNull),
  );
  return [
    ...cases,
    ...possible.map((conditions) => ({
      name: `every row meets the conditions ${JSON.stringify(conditions)}`,
      run: () => meets(harness, conditions),
    })),
  ];
}

const POSSIBLE: readonly (readonly Condition[])[] = [
  [{ column: 'city', value: 'Cork' }],
  [{ column: 'member', value: true }],
  [
    { column: 'city', value: 'Delft' },
    { column: 'member', value: false },
  ],
  [{ column: 'children', value: 2 }],
  [{ column: 'height', minimum: 165, maximum: 180 }],
  [{ column: 'joined', minimum: 18_400 * 86_400_000 }],
  [{ column: 'city', value: null }],
  [
    { column: 'height', maximum: 175 },
    { column: 'children', minimum: 2, maximum: 3 },
    { column: 'city', value: 'Bern' },
  ],
];

const isNull = (condition: Condition) => 'value' in condition && condition.value === null;

async function refuses(harness: GeneratorHarness, conditions: readonly Condition[]): Promise<void> {
  await harness.withModel({}, async (model) => {
    await assert.rejects(harness.sample(model, { conditions }), { name: 'ConditionError' });
  });
}

async function meets(harness: GeneratorHarness, conditions: readonly Condition[]): Promise<void> {
  await harness.withModel({}, async (model) => {
    const rows = await sampleUnlessRefused(harness, model, conditions);
    if (rows) for (const condition of conditions) rows.forEach((row) => check(harness, row, condition));
  });
}

/** A generator that isn't exact may refuse conditions that aren't categories: null. */
async function sampleUnlessRefused(
  harness: GeneratorHarness,
  model: FittedModel,
  conditions: readonly Condition[],
): Promise<Rows | null> {
  const mayRefuse =
    harness.plugin.capabilities.conditionalSampling !== 'exact' &&
    conditions.some((condition) => !('value' in condition) || condition.column !== 'city' || condition.value === null);
  try {
    return await harness.sample(model, { conditions });
  } catch (error) {
    if (mayRefuse && (error as Error).name === 'ConditionError') return null;
    throw error;
  }
}

function check(harness: GeneratorHarness, row: readonly Cell[], condition: Condition): void {
  const cell = row[harness.table.schema.columns.findIndex(({ name }) => name === condition.column)]!;
  const message = `a row with ${String(cell)} in the column "${condition.column}"`;
  if ('value' in condition) {
    assert.equal(cell, typeof condition.value === 'boolean' ? Number(condition.value) : condition.value, message);
    return;
  }
  assert.ok(typeof cell === 'number', message);
  assert.ok(cell >= (condition.minimum ?? -Infinity) && cell <= (condition.maximum ?? Infinity), message);
}
