import {
  type ColumnMarginal,
  type ColumnSchema,
  type Condition,
  ConditionError,
} from '../../../../core/plugin-api/index.js';
import { dayOf, timeOf, weekdayOf } from '../coding/datetime-parts.js';
import { type Field, stretchCount } from '../coding/field.js';
import { type AxisInterval, intervalBetween } from './axis-interval.js';
import { type Requirement, requirementsOf } from './requirements.js';

/** What conditions leave of a field: its missing cells, or what lies within a stretch of its axis. */
export type Restriction = 'missing' | 'present' | AxisInterval;

export interface Restrictions {
  /** By field. */
  readonly fields: ReadonlyMap<number, Restriction>;
  /** By column: the bounds that every number must keep, both included. */
  readonly bounds: ReadonlyMap<number, { readonly low: number; readonly high: number }>;
}

/** @throws ConditionError naming the column, where the training rows have no such column or value. */
export function resolveConditions(
  conditions: readonly Condition[],
  schemas: readonly ColumnSchema[],
  fields: readonly Field[],
): Restrictions {
  const restricted = new Map<number, Restriction>();
  const bounds = new Map<number, { low: number; high: number }>();
  for (const [column, requirement] of requirementsOf(conditions, schemas)) {
    if (requirement.type === 'range') bounds.set(column, requirement);
    fields.forEach((field, f) => {
      if (field.column !== column) return;
      const restriction = restrict(field, requirement);
      if (restriction === null) throw new ConditionError(schemas[column]!.name, refusal(schemas[column]!, requirement));
      if (restriction !== 'free') restricted.set(f, restriction);
    });
  }
  return { fields: restricted, bounds };
}

function restrict(field: Field, requirement: Requirement): Restriction | 'free' | null {
  const { part, marginal } = field;
  if (requirement.type === 'missing') {
    if (part !== 'value' && part !== 'day') return 'free';
    return field.missing < 0 ? null : 'missing';
  }
  if (requirement.type === 'category') return categoryInterval(marginal, requirement.category);
  const { low, high } = requirement;
  if (part === 'value') return intervalBetween(marginal, low, high);
  const [first, last] = [dayOf(low), dayOf(high)];
  if (part === 'day') return intervalBetween(marginal, first, last);
  // Within a single day the other parts are held too.
  if (first !== last) return 'free';
  if (part === 'time') return intervalBetween(marginal, timeOf(low), timeOf(high));
  return intervalBetween(marginal, weekdayOf(first), weekdayOf(first)) ?? 'present';
}

function categoryInterval({ categories, pieces }: ColumnMarginal, category: string): AxisInterval | null {
  const position = categories!.indexOf(category);
  return position < 0 ? null : { from: pieces.probabilities[position]!, to: pieces.probabilities[position + 1]! };
}

function refusal({ name }: ColumnSchema, requirement: Requirement): string {
  if (requirement.type === 'missing') return `No cell of the column "${name}" is missing in the training rows`;
  const what =
    requirement.type === 'category'
      ? `the value ${JSON.stringify(requirement.category)}`
      : `a value between ${requirement.low} and ${requirement.high}`;
  return `The column "${name}" never takes ${what} in what was learned`;
}

/** By token: what share of it a restriction leaves, 0 to 1. */
export function allowedShares(field: Field, restriction: Restriction): Float64Array {
  const shares = new Float64Array(field.size);
  if (restriction === 'missing') shares[field.missing] = 1;
  else if (restriction === 'present') shares.fill(1, 0, stretchCount(field));
  else {
    for (let t = 0; t < stretchCount(field); t++) {
      const [from, to] = [field.cuts[t]!, field.cuts[t + 1]!];
      shares[t] = Math.max(0, Math.min(to, restriction.to) - Math.max(from, restriction.from)) / (to - from);
    }
  }
  return shares;
}
