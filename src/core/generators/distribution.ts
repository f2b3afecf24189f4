import { type FieldError, invalid, StudioError } from '../errors/index.js';
import type { ColumnSchema, Condition, GeneratorCapabilities, SimpleCondition } from '../plugin-api/index.js';
import { resolveConditions } from './conditions.js';

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

/** The shares of a column's values: of the rows that meet one condition each; they add up to 1. */
export interface Margin {
  readonly column: string;
  readonly groups: readonly { readonly condition: ShareCondition; readonly share: number }[];
}

export type ShareCondition = Extract<SimpleCondition, { value: unknown }>;

/** The shares of one or more columns, met together. */
export type Distribution = readonly Margin[];

/** Thirds may be written as .333: the rest of the rows goes by largest remainder. */
const TOLERANCE = 0.005;
/** Combinations of the values of several columns, each of which is drawn by itself. */
export const MOST_COMBINATIONS = 512;

/** Turns what the caller wrote into groups of rows, or tells every field that is wrong; null for none. */
export function resolveDistribution(
  inputs: readonly DistributionInput[],
  conditions: readonly Condition[],
  columns: readonly ColumnSchema[],
  capabilities: Pick<GeneratorCapabilities, 'conditionalSampling' | 'conditionLists'>,
): Distribution | null {
  if (inputs.length === 0) return null;
  if (capabilities.conditionalSampling !== 'exact') {
    const message = 'This generator does not draw exactly under conditions, so that shares cannot be set';
    throw refuse(message, 'invalid_choice');
  }
  if (inputs.length > 1 && capabilities.conditionLists !== true) {
    throw refuse('This generator takes no lists of values, and so the shares of one column', 'invalid_choice');
  }
  const margins = inputs.map(({ column, shares }, place): Margin => {
    const groups = shares.map(({ value, share }) => {
      const resolve = () => resolveConditions([{ column, value }], columns, capabilities) as ShareCondition[];
      return { condition: inDistribution(resolve)[0]!, share };
    });
    const taken = [...conditions, ...inputs.slice(0, place)].some((other) => other.column === column);
    const fault = taken ? TAKEN : faultOf(groups);
    if (fault !== null) throw refuse(fault.message, fault.code, column);
    const total = groups.reduce((sum, { share }) => sum + share, 0);
    return { column, groups: groups.map(({ condition, share }) => ({ condition, share: share / total })) };
  });
  const combinations = margins.reduce((product, { groups }) => product * groups.filter(isWished).length, 1);
  if (margins.length > 1 && combinations > MOST_COMBINATIONS) {
    const message = `These values make ${combinations} combinations, more than ${MOST_COMBINATIONS}`;
    throw refuse(message, 'range_error');
  }
  return margins;
}

function refuse(message: string, code: FieldError['code'], column?: string): StudioError {
  return invalid({ field: column === undefined ? 'distribution' : `distribution.${column}`, message, code });
}

export function isWished({ share }: Margin['groups'][number]): boolean {
  return share > 0;
}

const TAKEN = { message: 'Has a condition, or shares, already', code: 'invalid_choice' } as const;

function faultOf(groups: Margin['groups']): Omit<FieldError, 'field'> | null {
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
