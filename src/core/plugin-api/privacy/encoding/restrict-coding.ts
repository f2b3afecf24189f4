import { ConditionError, type SimpleCondition } from '../../conditions.js';
import type { Cells } from './cells.js';
import { missingCode, type ColumnCoding } from './column-coding.js';
import { fromGrid, isWhole, toGrid, type NumberGrid } from './number-grid.js';

/** What a condition leaves of a column. */
export interface RestrictedCoding {
  /** Decodes to cells that meet the condition. */
  readonly coding: ColumnCoding;
  /** By code: the part of it that is left, 0 to 1. */
  readonly shares: Float64Array;
}

/** Share of all that cells of reals span, for which a single number stands. */
const POINT_SHARE = 1e-9;

/** @throws ConditionError where no code is left, or the column has no such values. */
export function restrictCoding(coding: ColumnCoding, condition: SimpleCondition): RestrictedCoding {
  const restricted = restrict(coding, condition);
  if (!restricted.shares.some((share) => share > 0)) {
    throw new ConditionError(coding.name, `The column "${coding.name}" takes no such value in this model`);
  }
  return restricted;
}

function restrict(coding: ColumnCoding, condition: SimpleCondition): RestrictedCoding {
  const { name, values, masses } = coding;
  const only = (code: number): RestrictedCoding => {
    return { coding, shares: Float64Array.from(masses, (_, i) => (i === code ? 1 : 0)) };
  };
  if ('value' in condition && condition.value === null) return only(missingCode(coding));
  if ('categories' in values) {
    if ('value' in condition) return only(values.categories.indexOf(String(condition.value)));
    throw new ConditionError(name, `The column "${name}" has categories, which have no minimum or maximum`);
  }
  const [low, high] =
    'value' in condition
      ? [Number(condition.value), Number(condition.value)]
      : [condition.minimum ?? -Infinity, condition.maximum ?? Infinity];
  if (!(low <= high)) throw new ConditionError(name, `The column "${name}" has no number between ${low} and ${high}`);
  return clip(coding, values, low, high);
}

function clip(
  coding: ColumnCoding,
  { cells, grid }: { readonly cells: Cells; readonly grid: NumberGrid },
  low: number,
  high: number,
): RestrictedCoding {
  const whole = isWhole(grid);
  const first = Number.isFinite(low) ? atLeast(grid, low) : low;
  const last = Number.isFinite(high) ? atMost(grid, high) : high;
  const end = whole ? last + 1 : last;
  const starts = cells.starts.map((start) => Math.max(start, first));
  const ends = cells.ends.map((cellEnd) => Math.min(cellEnd, end));
  const point = POINT_SHARE * (cells.ends[cells.ends.length - 1]! - cells.starts[0]!);
  const shares = Float64Array.from(coding.masses, (_, code) => {
    // The code of missing cells has no cell.
    if (code >= starts.length) return 0;
    const left = ends[code]! - starts[code]!;
    const width = cells.ends[code]! - cells.starts[code]!;
    if (left > 0) return left / width;
    return !whole && left === 0 && first === last ? Math.min(1, point / width) : 0;
  });
  return { coding: { ...coding, values: { cells: { starts, ends }, grid } }, shares };
}

function atLeast(grid: NumberGrid, value: number): number {
  const number = toGrid(grid, value);
  return fromGrid(grid, number) < value ? number + 1 : number;
}

function atMost(grid: NumberGrid, value: number): number {
  const number = toGrid(grid, value);
  return fromGrid(grid, number) > value ? number - 1 : number;
}
