import assert from 'node:assert/strict';
import { alternativesOf, type Condition, type SimpleCondition } from '../../conditions.js';
import type { FittedModel } from '../../generator.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness, Rows } from '../generator-harness.js';
import type { Cell } from '../table-from-rows.js';

const UNKNOWN: readonly Condition[] = [
  { column: 'no such column', value: 1 },
  { column: 'city', value: 'Atlantis' },
];

export function conditionCases(harness: GeneratorHarness): ConformanceCase[] {
  const { conditionalSampling, missingValues, conditionLists = false } = harness.plugin.capabilities;
  const columns = harness.table.schema.columns;
  const has = (name: string) => columns.some((column) => column.name === name);
  if (conditionalSampling === 'none') {
    return [
      { name: 'a condition is refused', run: () => refuses(harness, [{ column: columns[0]!.name, value: null }]) },
    ];
  }
  const unknown = conditionLists ? [...UNKNOWN, UNKNOWN_LISTED] : UNKNOWN;
  const cases = unknown
    .filter(({ column }) => column !== 'city' || has('city'))
    .map((condition) => ({
      name: `a condition on ${JSON.stringify(condition)} is refused with a ConditionError`,
      run: () => refuses(harness, [condition]),
    }));
  const wished = conditionLists ? [...POSSIBLE, ...LISTS] : POSSIBLE;
  const possible = wished
    .filter((conditions) => conditions.every(({ column }) => has(column)))
    .filter((conditions) => missingValues || !conditions.some(isNull));
  return [
    ...cases,
    ...possible.map((conditions) => ({
      name: `every row meets the conditions ${JSON.stringify(conditions)}`,
      run: () => meets(harness, conditions),
    })),
    ...(conditionLists && conditionalSampling === 'exact' && has('city')
      ? [{ name: 'of listed values each comes as often as without the list', run: () => keepsFrequencies(harness) }]
      : []),
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

const UNKNOWN_LISTED: Condition = { column: 'city', values: ['Bern', 'Atlantis'] };
const DAY = 86_400_000;
const LISTS: readonly (readonly Condition[])[] = [
  [{ column: 'city', values: ['Cork', 'Bern', 'Delft'] }],
  [{ column: 'city', values: [null, 'Cork'] }],
  [{ column: 'children', values: [3, 1] }],
  [{ column: 'member', values: [true, false] }],
  [{ column: 'joined', values: [18_450 * DAY, 18_500 * DAY, 18_501 * DAY] }],
  [
    { column: 'city', values: ['Cork', 'Delft'] },
    { column: 'children', values: [2, null] },
    { column: 'height', maximum: 185 },
  ],
];

const isNull = (condition: Condition) =>
  alternativesOf(condition).some((simple) => 'value' in simple && simple.value === null);

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

const FREQUENCY_ROWS = 2000;
/** Binomial standard deviations of the difference: one false alarm in two million. */
const MOST_DEVIATIONS = 5;

async function keepsFrequencies(harness: GeneratorHarness): Promise<void> {
  const values = ['Ashford', 'Cork'] as const;
  const place = harness.table.schema.columns.findIndex(({ name }) => name === 'city');
  await harness.withModel({}, async (model) => {
    const draw = async (conditions: readonly Condition[]) => {
      const rows = await harness.sample(model, { rowCount: FREQUENCY_ROWS, conditions, seed: 2 });
      return rows.map((row) => row[place]!).filter((city) => city === values[0] || city === values[1]);
    };
    const [free, held] = [await draw([]), await draw([{ column: 'city', values }])];
    const shareOf = (cities: readonly Cell[]) => cities.filter((city) => city === values[0]).length / cities.length;
    const share = (shareOf(free) * free.length + shareOf(held) * held.length) / (free.length + held.length);
    const deviation = Math.sqrt(share * (1 - share) * (1 / free.length + 1 / held.length));
    const message = `"${values[0]}" with a share of ${shareOf(held)} where ${shareOf(free)} is the model's`;
    assert.ok(Math.abs(shareOf(free) - shareOf(held)) <= MOST_DEVIATIONS * deviation, message);
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
    conditions.some((condition) => condition.column !== 'city' || isNull(condition));
  try {
    return await harness.sample(model, { conditions });
  } catch (error) {
    if (mayRefuse && (error as Error).name === 'ConditionError') return null;
    throw error;
  }
}

function check(harness: GeneratorHarness, row: readonly Cell[], condition: Condition): void {
  const cell = row[harness.table.schema.columns.findIndex(({ name }) => name === condition.column)]!;
  const isMet = alternativesOf(condition).some((simple) => meetsOne(cell, simple));
  assert.ok(isMet, `a row with ${String(cell)} in the column "${condition.column}"`);
}

function meetsOne(cell: Cell, condition: SimpleCondition): boolean {
  if ('value' in condition) {
    return cell === (typeof condition.value === 'boolean' ? Number(condition.value) : condition.value);
  }
  return (
    typeof cell === 'number' && cell >= (condition.minimum ?? -Infinity) && cell <= (condition.maximum ?? Infinity)
  );
}
