import {
  alternativesByColumn,
  CODED_KINDS,
  ConditionError,
  type ColumnDecoder,
  type ColumnMarginal,
  type Condition,
  type SimpleCondition,
} from '../../../core/plugin-api/index.js';
import type { CopulaModel } from './copula-model.js';
import { missingThreshold } from './latent-dimension.js';
import { joinIntervals, scoresWithin, type ScoreInterval, widened } from './score-interval.js';

/** A normal variable held within intervals, ascending and apart. */
export interface Constraint {
  readonly dimension: number;
  readonly intervals: readonly ScoreInterval[];
  /** Where this other variable is above a score, the cell is missing, and this one is free. */
  readonly unless?: { readonly dimension: number; readonly above: number };
}

export interface ResolvedConditions {
  readonly constraints: readonly Constraint[];
  /** By column: the values of which a cell that is not missing has one. */
  readonly fixedCells: ReadonlyMap<number, readonly number[]>;
}

/**
 * What conditions say of the normal variables: a number, a category or a range is an interval of its column's variable, as
 * is a cell that must or must not be missing.
 * @throws ConditionError naming the column, where the training rows have no such column or value.
 */
export function resolveConditions(
  conditions: readonly Condition[],
  model: CopulaModel,
  decoders: readonly (ColumnDecoder | null)[],
): ResolvedConditions {
  const constraints: Constraint[] = [];
  const fixedCells = new Map<number, readonly number[]>();
  for (const [name, alternatives] of alternativesByColumn(conditions)) {
    const column = model.marginals.findIndex((marginal) => marginal.name === name);
    if (column < 0) throw new ConditionError(name, `There is no column "${name}"`);
    const marginal = model.marginals[column]!;
    const dimensionOf = (role: 'value' | 'missing') =>
      model.dimensions.findIndex((dimension) => dimension.column === column && dimension.role === role);
    const held = holdColumn(alternatives, marginal, decoders[column]!, {
      value: dimensionOf('value'),
      missing: dimensionOf('missing'),
    });
    // What has no variable of its own is the same in all rows.
    constraints.push(...held.filter(({ dimension }) => dimension >= 0));
    const bounds = alternatives.filter((condition) => !isMissing(condition)).map((c) => cellBounds(c, marginal));
    if (bounds.length > 0 && bounds.every(([low, high]) => low === high)) {
      fixedCells.set(
        column,
        bounds.map(([low]) => low),
      );
    }
  }
  return { constraints, fixedCells };
}

/** What one column's alternatives say of the variables of its value and of its being missing, −1 for none. */
function holdColumn(
  alternatives: readonly SimpleCondition[],
  marginal: ColumnMarginal,
  decoder: ColumnDecoder | null,
  dimensions: { readonly value: number; readonly missing: number },
): Constraint[] {
  const above = missingThreshold(marginal);
  const present = alternatives.filter((condition) => !isMissing(condition));
  const mayMiss = present.length < alternatives.length;
  if (mayMiss && marginal.missingFraction === 0) {
    throw new ConditionError(marginal.name, `No cell of the column "${marginal.name}" is missing in the training rows`);
  }
  if (present.length === 0) return [{ dimension: dimensions.missing, intervals: [beyond(above)] }];
  const intervals = present.map((condition) => {
    const [low, high] = cellBounds(condition, marginal);
    return (decoder && scoresWithin(decoder, low, high)) ?? refuse(condition);
  });
  if (mayMiss) {
    const unless = { dimension: dimensions.missing, above };
    return [{ dimension: dimensions.value, intervals: joinIntervals(intervals.map(widened)), unless }];
  }
  const own = intervals.length === 1 ? intervals : joinIntervals(intervals.map(widened));
  return [
    { dimension: dimensions.missing, intervals: [{ low: -Infinity, high: above }] },
    { dimension: dimensions.value, intervals: own },
  ];
}

/** The scores at which a cell is missing. */
export function beyond(threshold: number): ScoreInterval {
  // The next number above the threshold, at which a cell is not yet missing.
  return { low: threshold + Math.max(1, Math.abs(threshold)) * Number.EPSILON, high: Infinity };
}

function isMissing(condition: SimpleCondition): boolean {
  return 'value' in condition && condition.value === null;
}

/** The least and the greatest cell allowed: numbers, or positions of categories. */
function cellBounds(condition: SimpleCondition, marginal: ColumnMarginal): readonly [number, number] {
  if ('value' in condition) {
    const cell = marginal.categories
      ? marginal.categories.indexOf(String(condition.value))
      : numberOf(condition.value, condition.column);
    return marginal.categories && cell < 0 ? refuse(condition) : [cell, cell];
  }
  if (CODED_KINDS.has(marginal.kind)) {
    throw new ConditionError(condition.column, `The column "${condition.column}" has categories and so no range`);
  }
  return [condition.minimum ?? -Infinity, condition.maximum ?? Infinity];
}

function numberOf(value: string | number | boolean | null, column: string): number {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new ConditionError(column, `The column "${column}" holds numbers, not ${JSON.stringify(value)}`);
}

function refuse(condition: SimpleCondition): never {
  const what =
    'value' in condition ? `the value ${JSON.stringify(condition.value)}` : `a value ${rangeText(condition)}`;
  throw new ConditionError(
    condition.column,
    `The column "${condition.column}" never takes ${what} in what was learned`,
  );
}

function rangeText({ minimum, maximum }: { readonly minimum?: number; readonly maximum?: number }): string {
  return [minimum !== undefined && `from ${minimum}`, maximum !== undefined && `up to ${maximum}`]
    .filter(Boolean)
    .join(' ');
}
