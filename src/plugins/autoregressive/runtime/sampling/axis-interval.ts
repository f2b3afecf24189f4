import { type ColumnMarginal, type Granularity, roundTo, spacing } from '../../../../core/plugin-api/index.js';
import { pieceOf } from '../coding/field-encoder.js';

/** A stretch of a marginal's axis of probabilities. */
export interface AxisInterval {
  readonly from: number;
  readonly to: number;
}

/**
 * Where on its axis a column lies between two values, both included: values are rounded when drawn, so that half a step of
 * the grid beyond either end belongs to it. Null where no value of the grid, or none that was learned, lies between.
 */
export function intervalBetween(marginal: ColumnMarginal, low: number, high: number): AxisInterval | null {
  const { pieces, granularity, minimum, maximum } = marginal;
  const { starts, ends, probabilities } = pieces;
  const [first, last] = [ceilTo(low, granularity), floorTo(high, granularity)];
  if (starts.length === 0 || first > last || first > maximum || last < minimum) return null;
  const half = spacing(granularity) / 2;
  let from = Infinity;
  let to = -Infinity;
  for (let j = 0; j < starts.length; j++) {
    const [start, end] = [starts[j]!, ends[j]!];
    const [p, mass] = [probabilities[j]!, probabilities[j + 1]! - probabilities[j]!];
    if (start === end) {
      const value = roundTo(start, granularity);
      if (value < first || value > last) continue;
      from = Math.min(from, p);
      to = p + mass;
    } else {
      const [a, b] = [Math.max(start, first - half), Math.min(end, last + half)];
      if (!(a < b)) continue;
      from = Math.min(from, p + ((a - start) / (end - start)) * mass);
      to = p + ((b - start) / (end - start)) * mass;
    }
  }
  if (from < to) return { from, to };
  // Between two pieces, or beyond the smoothed ends: the nearest piece stands in.
  const nearest = pieceOf(pieces, Number.isFinite(first) ? first : last);
  return { from: probabilities[nearest]!, to: probabilities[nearest + 1]! };
}

function ceilTo(x: number, granularity: Granularity): number {
  if (!Number.isFinite(x)) return x;
  const rounded = roundTo(x, granularity);
  return rounded < x ? rounded + spacing(granularity) : rounded;
}

function floorTo(x: number, granularity: Granularity): number {
  return -ceilTo(-x, granularity);
}
