import { fitFamily, PARAMETRIC_FAMILIES, type Cdf, type Moments, type ParametricFamily } from './families.js';
import { spacing, type Granularity } from './granularity.js';
import { cdfOfPieces, QuantilePiecesBuilder, type QuantilePieces } from './quantile-pieces.js';
import { smoothedQuantiles, type SmoothingOptions } from './smoothed-quantiles.js';

export const MARGINAL_FAMILIES = ['empirical', ...PARAMETRIC_FAMILIES] as const;
export type MarginalFamily = (typeof MARGINAL_FAMILIES)[number];

export interface ChosenQuantiles {
  readonly family: MarginalFamily;
  readonly pieces: QuantilePieces;
}

/** Cells of a tabulated family in the middle; towards either end they halve. */
const MIDDLE_CELLS = 256;
const TAIL_HALVINGS = 12;
/** Most sample points at which a distance is taken. */
const DISTANCE_POINTS = 4096;

/**
 * Fits each candidate to ascending values and keeps the one at the least Kolmogorov-Smirnov distance. Parametric candidates
 * are cut to the smoothed range of the values, so that no value beyond the real extremes comes out. Where no candidate can
 * be fitted (a constant column, for one), the smoothed empirical quantiles are taken.
 */
export function chooseQuantiles(
  sorted: Float64Array,
  granularity: Granularity,
  options: SmoothingOptions & { readonly families: readonly MarginalFamily[] },
): ChosenQuantiles {
  const empirical = smoothedQuantiles(sorted, options);
  if (options.families.length === 1 && options.families[0] === 'empirical') {
    return { family: 'empirical', pieces: empirical };
  }
  const moments = momentsOf(sorted);
  let best: ChosenQuantiles = { family: 'empirical', pieces: empirical };
  let least = Infinity;
  for (const family of new Set(options.families)) {
    const pieces = family === 'empirical' ? empirical : tabulate(family, moments, empirical);
    const distance = pieces ? distanceToRows(sorted, pieces, spacing(granularity)) : Infinity;
    if (pieces && distance < least) {
      best = { family, pieces };
      least = distance;
    }
  }
  return best;
}

function momentsOf(sorted: Float64Array): Moments {
  const mean = sorted.reduce((sum, x) => sum + (x - sorted[0]!), 0) / sorted.length + sorted[0]!;
  let second = 0;
  let fourth = 0;
  for (const x of sorted) {
    const square = (x - mean) ** 2;
    second += square;
    fourth += square * square;
  }
  return {
    minimum: sorted[0]!,
    maximum: sorted[sorted.length - 1]!,
    mean,
    standardDeviation: Math.sqrt(second / sorted.length),
    excessKurtosis: (fourth * sorted.length) / second ** 2 - 3,
  };
}

/** The family cut to the range of `range`, its quantiles joined by lines; null where it has no mass there. */
function tabulate(family: ParametricFamily, moments: Moments, range: QuantilePieces): QuantilePieces | null {
  const cdf = fitFamily(family, moments);
  if (!cdf) return null;
  const low = range.starts[0]!;
  const high = range.ends[range.ends.length - 1]!;
  const below = cdf(low);
  const mass = cdf(high) - below;
  if (!(mass > 1e-6)) return null;
  const builder = new QuantilePiecesBuilder();
  const grid = probabilityGrid();
  let start = low;
  for (let j = 1; j < grid.length; j++) {
    const end = j === grid.length - 1 ? high : invert(cdf, below + grid[j]! * mass, start, high);
    builder.add(grid[j]! - grid[j - 1]!, start, end);
    start = end;
  }
  return builder.build();
}

function probabilityGrid(): number[] {
  const tail = Array.from({ length: TAIL_HALVINGS }, (_, j) => 2 ** (j - TAIL_HALVINGS) / MIDDLE_CELLS);
  const middle = Array.from({ length: MIDDLE_CELLS - 1 }, (_, j) => (j + 1) / MIDDLE_CELLS);
  return [0, ...tail, ...middle, ...tail.toReversed().map((p) => 1 - p), 1];
}

function invert(cdf: Cdf, probability: number, low: number, high: number): number {
  for (let step = 0; step < 60; step++) {
    const middle = low + (high - low) / 2;
    if (cdf(middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/** Kolmogorov-Smirnov distance, taken half a step of the grid above each value because values are rounded when drawn. */
function distanceToRows(sorted: Float64Array, pieces: QuantilePieces, step: number): number {
  const stride = Math.max(1, Math.floor(sorted.length / DISTANCE_POINTS));
  let distance = 0;
  for (let i = stride - 1; i < sorted.length; i += stride) {
    let last = i;
    while (last + 1 < sorted.length && sorted[last + 1] === sorted[i]) last++;
    const share = (last + 1) / sorted.length;
    distance = Math.max(distance, Math.abs(cdfOfPieces(pieces, sorted[i]! + step / 2) - share));
    i = Math.max(i, last);
  }
  return distance;
}
