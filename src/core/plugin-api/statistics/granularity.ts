import type { ColumnKind } from '../tables.js';

/** The grid on which a column's values lie: multiples of `unit`, or decimals of so many `places`. */
export type Granularity = { readonly unit: number } | { readonly places: number };

const MAX_PLACES = 15;
const DATETIME_UNITS = [86_400_000, 3_600_000, 60_000, 1000, 1] as const;

/** The coarsest grid of the kind on which every finite value lies. */
export function granularityOf(kind: ColumnKind, values: Float64Array, knownPlaces?: number): Granularity {
  if (kind === 'integer' || kind === 'boolean') return { unit: 1 };
  if (kind === 'datetime') return { unit: datetimeUnit(values) };
  return { places: knownPlaces ?? decimalPlaces(values) };
}

function datetimeUnit(values: Float64Array): number {
  let choice = 0;
  for (const value of values) {
    while (Number.isFinite(value) && choice < DATETIME_UNITS.length - 1 && value % DATETIME_UNITS[choice]! !== 0)
      choice++;
  }
  return DATETIME_UNITS[choice]!;
}

function decimalPlaces(values: Float64Array): number {
  let places = 0;
  for (const value of values) {
    while (places < MAX_PLACES && Number.isFinite(value) && roundTo(value, { places }) !== value) places++;
  }
  return places;
}

/** The value of the grid nearest to x. */
export function roundTo(x: number, granularity: Granularity): number {
  if ('unit' in granularity) return Math.round(x / granularity.unit) * granularity.unit + 0;
  const scale = 10 ** granularity.places;
  const scaled = x * scale;
  // Beyond 2^53 there is nothing left to round; adding 0 turns −0 into 0.
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / scale + 0 : x;
}

/** Distance between neighbouring values of the grid. */
export function spacing(granularity: Granularity): number {
  return 'unit' in granularity ? granularity.unit : 10 ** -granularity.places;
}
