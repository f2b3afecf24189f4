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
import { ValueChoice } from './value-choice.js';

/** What a requirement leaves of a field: all of it, its missing or its other cells, or what lies within a stretch of its axis. */
type Restriction = 'free' | 'missing' | 'present' | AxisInterval;

/** What conditions leave of the fields and columns; those that are not named are free. */
export interface Restrictions {
  /** By field: what of each token is left, not negative; only how these compare within a field counts. */
  readonly shares: ReadonlyMap<number, Float64Array>;
  /** By field: the stretch of its axis in which values must lie. */
  readonly stretches: ReadonlyMap<number, AxisInterval>;
  /** By column: the bounds that every number must keep, both included. */
  readonly bounds: ReadonlyMap<number, { readonly low: number; readonly high: number }>;
  /** By column: the values of which each row holds one. */
  readonly choices: ReadonlyMap<number, ValueChoice>;
}

export const UNRESTRICTED: Restrictions = {
  shares: new Map(),
  stretches: new Map(),
  bounds: new Map(),
  choices: new Map(),
};

/** @throws ConditionError naming the column, where the training rows have no such column or value. */
export function resolveConditions(
  conditions: readonly Condition[],
  schemas: readonly ColumnSchema[],
  fields: readonly Field[],
): Restrictions {
  const shares = new Map<number, Float64Array>();
  const stretches = new Map<number, AxisInterval>();
  const bounds = new Map<number, { low: number; high: number }>();
  const choices = new Map<number, ValueChoice>();
  for (const [column, requirements] of requirementsOf(conditions, schemas)) {
    const own = [...fields.keys()].filter((f) => fields[f]!.column === column);
    const restrictions = requirements.map((requirement) =>
      own.map((f) => restrict(fields[f]!, requirement) ?? refuse(schemas[column]!, requirement)),
    );
    const [only, ...others] = requirements;
    if (others.length > 0) {
      const choice = new ValueChoice(
        own,
        requirements.map((requirement) => cellOf(fields[own[0]!]!, requirement)),
        restrictions.map((each) => each.map((restriction, k) => allowedShares(fields[own[k]!]!, restriction))),
      );
      choices.set(column, choice);
      own.forEach((f, k) => shares.set(f, choice.sharesOf(k)));
      continue;
    }
    if (only!.type === 'range') bounds.set(column, only!);
    restrictions[0]!.forEach((restriction, k) => {
      if (restriction !== 'free') shares.set(own[k]!, allowedShares(fields[own[k]!]!, restriction));
      if (typeof restriction === 'object') stretches.set(own[k]!, restriction);
    });
  }
  return { shares, stretches, bounds, choices };
}

/** Null where the field holds nothing that meets the requirement. */
function restrict(field: Field, requirement: Requirement): Restriction | null {
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

/** The one cell that a requirement of a single value leaves, as a decoder gives it: NaN for a missing one. */
function cellOf({ marginal }: Field, requirement: Requirement): number {
  if (requirement.type === 'missing') return NaN;
  return requirement.type === 'category' ? marginal.categories!.indexOf(requirement.category) : requirement.low;
}

function refuse({ name }: ColumnSchema, requirement: Requirement): never {
  throw new ConditionError(name, refusal(name, requirement));
}

function refusal(name: string, requirement: Requirement): string {
  if (requirement.type === 'missing') return `No cell of the column "${name}" is missing in the training rows`;
  const what =
    requirement.type === 'category'
      ? `the value ${JSON.stringify(requirement.category)}`
      : `a value between ${requirement.low} and ${requirement.high}`;
  return `The column "${name}" never takes ${what} in what was learned`;
}

/** By token: what share of it a restriction leaves, 0 to 1. */
function allowedShares(field: Field, restriction: Restriction): Float64Array {
  const shares = new Float64Array(field.size);
  if (restriction === 'free') shares.fill(1);
  else if (restriction === 'missing') shares[field.missing] = 1;
  else if (restriction === 'present') shares.fill(1, 0, stretchCount(field));
  else {
    for (let t = 0; t < stretchCount(field); t++) {
      const [from, to] = [field.cuts[t]!, field.cuts[t + 1]!];
      shares[t] = Math.max(0, Math.min(to, restriction.to) - Math.max(from, restriction.from)) / (to - from);
    }
  }
  return shares;
}
