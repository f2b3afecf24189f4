import type { ColumnKind } from '../../tables.js';

/** Whole numbers that stand for a column's values: value = origin + unit·number, or number/10^places. Neither: the values themselves. */
export type NumberGrid =
  { readonly origin: number; readonly unit: number } | { readonly places: number } | { readonly real: true };

/** Dates are counted from 2000-01-01 UTC, so that the magnitudes of usual ones differ. */
const DATETIME_ORIGIN = 946_684_800_000;
const DATETIME_UNITS = [86_400_000, 3_600_000, 60_000, 1000, 1] as const;
const MOST_PLACES = 6;

/** Grids that a column of the kind may lie on, coarsest first; the last one fits every value. */
export function candidateGrids(kind: ColumnKind): readonly NumberGrid[] {
  if (kind === 'datetime') return DATETIME_UNITS.map((unit) => ({ origin: DATETIME_ORIGIN, unit }));
  if (kind !== 'continuous') return [{ places: 0 }];
  return [...Array.from({ length: MOST_PLACES + 1 }, (_, places) => ({ places })), { real: true }];
}

export function isWhole(grid: NumberGrid): boolean {
  return !('real' in grid);
}

export function toGrid(grid: NumberGrid, value: number): number {
  if ('real' in grid) return value;
  if ('unit' in grid) return Math.floor((value - grid.origin) / grid.unit);
  return Math.round(value * 10 ** grid.places) + 0;
}

export function fromGrid(grid: NumberGrid, number: number): number {
  if ('real' in grid) return number;
  if ('unit' in grid) return grid.origin + grid.unit * number;
  return number / 10 ** grid.places;
}

/** How many values have each candidate as the coarsest grid that they lie on. */
export function countByGrid(grids: readonly NumberGrid[], values: Float64Array): Float64Array {
  const counts = new Float64Array(grids.length);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const fits = grids.findIndex((grid) => fromGrid(grid, toGrid(grid, value)) === value);
    counts[fits < 0 ? grids.length - 1 : fits]!++;
  }
  return counts;
}
