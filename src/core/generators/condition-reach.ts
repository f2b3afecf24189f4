import { type FieldError, invalid } from '../errors/index.js';
import { alternativesOf, type Condition, type SimpleCondition } from '../plugin-api/index.js';
import { type Distribution, isWished, placed } from './distribution.js';
import type { ColumnPlan, StoredColumn, StoredTable } from '../tables/index.js';

type Fault = Pick<FieldError, 'message' | 'code'>;

/** A condition that no row of the table meets cannot be learned: better refused now than after the training. */
export async function checkReach(
  conditions: readonly Condition[],
  table: StoredTable,
  plan: ColumnPlan,
): Promise<void> {
  const errors: FieldError[] = [];
  for (const condition of conditions) {
    const position = plan.columns.findIndex(({ schema }) => schema.name === condition.column);
    const fault = await faultOf(alternativesOf(condition), table, plan, position);
    if (fault !== null) errors.push({ field: `conditions.${condition.column}`, ...fault });
  }
  if (errors.length > 0) throw invalid(...errors);
}

/** The same for the values of a distribution; those of no share need not be there. */
export async function checkDistributionReach(
  distribution: Distribution | null,
  table: StoredTable,
  plan: ColumnPlan,
): Promise<void> {
  const wished = (distribution ?? []).map(({ column, groups }): Condition => {
    // Shares add up to 1, so that one of them at least is wished.
    const [first, ...rest] = groups.filter(isWished).map(({ condition }) => condition.value);
    return { column, values: [first!, ...rest] };
  });
  try {
    await checkReach(wished, table, plan);
  } catch (error) {
    throw placed(error);
  }
}

/** Null when some row may meet each of the conditions on one column; otherwise why none meets one of them. */
async function faultOf(
  conditions: readonly SimpleCondition[],
  table: StoredTable,
  plan: ColumnPlan,
  position: number,
): Promise<Fault | null> {
  const { name, kind } = plan.columns[position]!.schema;
  const spelled = conditions.flatMap((condition) => {
    return 'value' in condition && typeof condition.value === 'string' ? [condition.value] : [];
  });
  const [lacking] = spelled.length === 0 ? [] : await table.lackingValues(position, spelled);
  if (lacking !== undefined) {
    const hint = lacking.near === null ? '' : `; did you mean "${lacking.near}"?`;
    return { message: `"${name}" has no value "${lacking.value}"${hint}`, code: 'invalid_choice' };
  }
  const beyond = conditions.find((condition) => isBeyond(condition, table.description.columns[position]!));
  if (beyond === undefined) return null;
  const value = 'value' in beyond ? Number(beyond.value) : null;
  const what = value === null ? 'in this range' : kind === 'datetime' ? new Date(value).toISOString() : value;
  return { message: `"${name}" has no value ${what}`, code: 'range_error' };
}

function isBeyond(condition: SimpleCondition, { minimum, maximum }: StoredColumn): boolean {
  if (minimum === undefined || maximum === undefined) return false;
  const [low, high] =
    'value' in condition ? [condition.value, condition.value] : [condition.minimum, condition.maximum];
  return (typeof low === 'number' && low > maximum) || (typeof high === 'number' && high < minimum);
}
