import { type FieldError, invalid, StudioError } from '../errors/index.js';
import type { ColumnSchema, Condition, GeneratorCapabilities } from '../plugin-api/index.js';
import { type ConditionInput, resolveConditions } from './conditions.js';

/** One value of a column and its share of the rows, 0 to 1; null stands for a missing cell. */
export interface ShareInput {
  readonly value: string | number | boolean | null;
  readonly share: number;
}

/** As both doors take it. */
export interface DistributionInput {
  readonly column: string;
  readonly shares: readonly ShareInput[];
}

/** Shares of the rows that meet one condition each; they add up to 1. */
export interface Distribution {
  readonly column: string;
  readonly groups: readonly { readonly condition: Condition; readonly share: number }[];
}

/** Thirds may be written as .333: the rest of the rows goes by largest remainder. */
const TOLERANCE = 0.005;

/** Turns what the caller wrote into groups of rows, or tells every field that is wrong; null for none. */
export function resolveDistribution(
  inputs: readonly DistributionInput[],
  conditions: readonly Condition[],
  columns: readonly ColumnSchema[],
  { conditionalSampling }: GeneratorCapabilities,
): Distribution | null {
  if (inputs.length === 0) return null;
  if (conditionalSampling !== 'exact') {
    const message = 'This generator does not draw exactly under conditions, so that shares cannot be set';
    throw invalid({ field: 'distribution', message, code: 'invalid_choice' });
  }
  if (inputs.length > 1) {
    const message = 'Give the shares of one column: those of the others follow from the rows';
    throw invalid({ field: `distribution.${inputs[1]!.column}`, message, code: 'invalid_choice' });
  }
  const { column, shares } = inputs[0]!;
  const field = `distribution.${column}`;
  const groups = shares.map(({ value, share }) => {
    const input: ConditionInput = { column, value };
    const resolve = () => resolveConditions([input], columns, { conditionalSampling } as GeneratorCapabilities);
    return { condition: inDistribution(resolve)[0]!, share };
  });
  const fault = faultOf(column, conditions, groups);
  if (fault !== null) throw invalid({ field, ...fault });
  const total = groups.reduce((sum, { share }) => sum + share, 0);
  return { column, groups: groups.map(({ condition, share }) => ({ condition, share: share / total })) };
}

function faultOf(
  column: string,
  conditions: readonly Condition[],
  groups: Distribution['groups'],
): Omit<FieldError, 'field'> | null {
  if (conditions.some((condition) => condition.column === column)) {
    return { message: `"${column}" has a condition already`, code: 'invalid_choice' };
  }
  const values = groups.map(({ condition }) => JSON.stringify(condition));
  if (new Set(values).size < values.length) return { message: 'Gives a value twice', code: 'invalid_choice' };
  if (groups.some(({ share }) => !Number.isFinite(share) || share < 0 || share > 1)) {
    return { message: 'Shares are numbers from 0 to 1', code: 'range_error' };
  }
  const total = groups.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) <= TOLERANCE) return null;
  return {
    message: `The shares must add up to 1, and these add up to ${Number(total.toFixed(6))}`,
    code: 'range_error',
  };
}

/** A value of a distribution is checked as a condition on its column is; what is wrong with it is told where it stands. */
function inDistribution<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw placed(error);
  }
}

export function placed(error: unknown): unknown {
  if (!(error instanceof StudioError) || error.fields.length === 0) return error;
  const fields = error.fields.map((entry) => ({
    ...entry,
    field: entry.field.replace(/^conditions\b/, 'distribution'),
  }));
  return new StudioError(error.type, error.message, { fields });
}

/** Whole numbers that add up to `total`, as near to the shares as can be: those with the largest remainders get one more. */
export function apportion(total: number, shares: readonly number[]): number[] {
  const counts = shares.map((share) => Math.floor(share * total));
  const left = total - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = [...shares.keys()].toSorted((a, b) => {
    return shares[b]! * total - counts[b]! - (shares[a]! * total - counts[a]!) || a - b;
  });
  for (const place of byRemainder.slice(0, left)) counts[place]!++;
  return counts;
}
