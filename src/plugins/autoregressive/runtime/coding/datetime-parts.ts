import { granularityOf } from '../../../../core/plugin-api/index.js';
import type { ColumnKind } from '../../../../core/plugin-api/index.js';
import type { FieldPart } from './field.js';

export const DAY_MS = 86_400_000;
/** Days of the epoch count from a Thursday: with this shift 0 is Monday. */
const MONDAY_SHIFT = 3;
/** A date column of fewer distinct days learns them one by one, and with them their weekdays. */
const MANY_DAYS = 60;
/** The 99.9 % point of χ² with 6 degrees of freedom: weekdays as uneven as that are learned. */
const UNEVEN = 22.46;
const FEWEST_ROWS = 50;

export interface TimePart {
  readonly part: FieldPart;
  readonly kind: ColumnKind;
  /** NaN where the cell is missing. */
  readonly values: Float64Array;
}

export function dayOf(moment: number): number {
  return Math.floor(moment / DAY_MS);
}

export function timeOf(moment: number): number {
  return moment - dayOf(moment) * DAY_MS;
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  return (((day + MONDAY_SHIFT) % 7) + 7) % 7;
}

/**
 * A moment in time as parts of which each has habits of its own: the day, the weekday where some are more frequent than
 * others, the time of day where there is one. Null where the moment as one number says all: dates whose weekdays are even, or
 * times of a single day.
 */
export function partsOfTime(values: Float64Array): TimePart[] | null {
  const days = values.map(dayOf);
  const distinct = new Set(days.filter(Number.isFinite)).size;
  if (distinct < 2) return null;
  const hasTime = granularityUnit(values) < DAY_MS;
  const hasWeekday = distinct > MANY_DAYS && areUneven(days);
  if (!hasTime && !hasWeekday) return null;
  return [
    { part: 'day', kind: 'integer', values: days },
    ...(hasWeekday ? [{ part: 'weekday', kind: 'integer', values: days.map(weekdayOf) } as const] : []),
    ...(hasTime ? [{ part: 'time', kind: 'datetime', values: values.map(timeOf) } as const] : []),
  ];
}

function granularityUnit(values: Float64Array): number {
  const granularity = granularityOf('datetime', values);
  return 'unit' in granularity ? granularity.unit : 1;
}

function areUneven(days: Float64Array): boolean {
  const counts = new Float64Array(7);
  for (const day of days) if (Number.isFinite(day)) counts[weekdayOf(day)]!++;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (rows < FEWEST_ROWS) return false;
  const expected = rows / 7;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) > UNEVEN;
}

/** The day of the wished weekday nearest to `day`, within `low` to `high` where there is one, and at most two weeks away. */
export function nearestOnWeekday(day: number, weekday: number, low: number, high: number): number {
  const forward = (weekday - weekdayOf(day) + 7) % 7;
  const shifts = forward <= 3 ? [forward, forward - 7, forward + 7] : [forward - 7, forward, forward - 14];
  const shift = shifts.find((by) => day + by >= low && day + by <= high);
  return day + (shift ?? shifts[0]!);
}
