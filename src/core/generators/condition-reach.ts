import { type FieldError, invalid } from '../errors/index.js';
import type { Condition } from '../plugin-api/index.js';
import { type Distribution, placed } from './distribution.js';
import type { ColumnPlan, StoredTable } from '../tables/index.js';

/** A condition that no row of the table meets cannot be learned: better refused now than after the training. */
export async function checkReach(
  conditions: readonly Condition[],
  table: StoredTable,
  plan: ColumnPlan,
): Promise<void> {
  const errors: FieldError[] = [];
  for (const condition of conditions) {
    const position = plan.columns.findIndex(({ schema }) => schema.name === condition.column);
    const fault = await faultOf(condition, table, position);
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
  const groups = distribution?.groups.filter(({ share }) => share > 0) ?? [];
  try {
    await checkReach(
      groups.map(({ condition }) => condition),
      table,
      plan,
    );
  } catch (error) {
    throw placed(error);
  }
}

/** Null when some row may meet the condition; otherwise why none does. */
async function faultOf(
  condition: Condition,
  table: StoredTable,
  position: number,
): Promise<Pick<FieldError, 'message' | 'code'> | null> {
  const { name, minimum, maximum } = table.description.columns[position]!;
  if ('value' in condition && typeof condition.value === 'string') {
    if (await table.hasValue(position, condition.value)) return null;
    return { message: `"${name}" has no value "${condition.value}"`, code: 'invalid_choice' };
  }
  const [low, high] =
    'value' in condition ? [condition.value, condition.value] : [condition.minimum, condition.maximum];
  if (minimum === undefined || maximum === undefined) return null;
  const above = typeof low === 'number' && low > maximum;
  const below = typeof high === 'number' && high < minimum;
  return above || below ? { message: `"${name}" has no value in this range`, code: 'range_error' } : null;
}
