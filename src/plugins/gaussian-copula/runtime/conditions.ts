import {
  CODED_KINDS,
  ConditionError,
  type ColumnDecoder,
  type ColumnMarginal,
  type Condition,
} from '../../../core/plugin-api/index.js';
import type { CopulaModel } from './copula-model.js';
import { missingThreshold } from './latent-dimension.js';
import { scoresWithin, type ScoreInterval } from './score-interval.js';

/** A normal variable held within an interval. */
export interface Constraint extends ScoreInterval {
  readonly dimension: number;
}

export interface ResolvedConditions {
  readonly constraints: readonly Constraint[];
  /** Cells that are the same in every row, by column. */
  readonly fixedCells: ReadonlyMap<number, number>;
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
  const intervals = new Map<number, ScoreInterval>();
  const fixedCells = new Map<number, number>();
  for (const condition of conditions) {
    const column = model.marginals.findIndex(({ name }) => name === condition.column);
    if (column < 0) throw new ConditionError(condition.column, `There is no column "${condition.column}"`);
    const hold = (role: 'value' | 'missing', interval: ScoreInterval): void => {
      const dimension = model.dimensions.findIndex((d) => d.column === column && d.role === role);
      if (dimension >= 0) intervals.set(dimension, intersect(intervals.get(dimension), interval, condition.column));
    };
    holdMissing(condition, model.marginals[column]!, hold);
    if ('value' in condition && condition.value === null) continue;
    const [low, high] = cellBounds(condition, model.marginals[column]!);
    hold('value', scoresWithin(decoders[column]!, low, high) ?? refuse(condition));
    if (low === high) fixedCells.set(column, low);
  }
  return { constraints: [...intervals].map(([dimension, interval]) => ({ dimension, ...interval })), fixedCells };
}

function holdMissing(
  condition: Condition,
  marginal: ColumnMarginal,
  hold: (role: 'missing', interval: ScoreInterval) => void,
): void {
  const threshold = missingThreshold(marginal);
  if (!('value' in condition) || condition.value !== null) {
    if (marginal.missingFraction === 1) refuse(condition);
    hold('missing', { low: -Infinity, high: threshold });
    return;
  }
  if (marginal.missingFraction === 0) {
    throw new ConditionError(
      condition.column,
      `No cell of the column "${condition.column}" is missing in the training rows`,
    );
  }
  // The next number above the threshold, at which a cell is not yet missing.
  hold('missing', { low: threshold + Math.max(1, Math.abs(threshold)) * Number.EPSILON, high: Infinity });
}

/** The least and the greatest cell allowed: numbers, or positions of categories. */
function cellBounds(condition: Condition, marginal: ColumnMarginal): readonly [number, number] {
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

function refuse(condition: Condition): never {
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

function intersect(a: ScoreInterval | undefined, b: ScoreInterval, column: string): ScoreInterval {
  const low = Math.max(a?.low ?? -Infinity, b.low);
  const high = Math.min(a?.high ?? Infinity, b.high);
  if (low <= high) return { low, high };
  throw new ConditionError(column, `The conditions on the column "${column}" exclude one another`);
}
