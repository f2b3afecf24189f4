import { QuantilePiecesBuilder, type QuantilePieces } from './quantile-pieces.js';

export interface SmoothingOptions {
  /** Values that fewer rows hold are never given back as they are: they are drawn from a stretch that so many rows share. */
  readonly smallestGroup: number;
  /** Most stretches a column is cut into. */
  readonly bins: number;
}

/**
 * The smoothed empirical quantile function of ascending finite values. A value held by `smallestGroup` rows (and by half a
 * bin's worth) is an atom and stays exact; between atoms, values are uniform over bins of at least `smallestGroup` rows,
 * whose inner edges lie midway between neighbours and whose outer edges are averages, so that no extreme of one row is an
 * edge. All values lie within the real minimum and maximum. A column of a single value keeps it.
 */
export function smoothedQuantiles(sorted: Float64Array, options: SmoothingOptions): QuantilePieces {
  const builder = new QuantilePiecesBuilder();
  const heavy = Math.max(options.smallestGroup, Math.ceil(sorted.length / (2 * options.bins)));
  const constant = sorted[0] === sorted[sorted.length - 1];
  const addRun = (start: number, end: number): void => {
    if (start < end) addStretch(builder, sorted, start, end, options);
  };
  let runStart = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    end = endOfTies(sorted, start);
    if (end - start < heavy && !constant) continue;
    addRun(runStart, start);
    builder.add(end - start, sorted[start]!, sorted[start]!);
    runStart = end;
  }
  addRun(runStart, sorted.length);
  return builder.build();
}

function endOfTies(sorted: Float64Array, start: number): number {
  const value = sorted[start];
  let end = start + 1;
  while (end < sorted.length && sorted[end] === value) end++;
  return end;
}

/** Cuts sorted[start … end), which has no heavy value, into bins; what lies on either side of it is an atom or nothing. */
function addStretch(
  builder: QuantilePiecesBuilder,
  sorted: Float64Array,
  start: number,
  end: number,
  { smallestGroup, bins }: SmoothingOptions,
): void {
  const rows = end - start;
  const share = Math.ceil((bins * rows) / sorted.length);
  const count = Math.max(1, Math.min(share, Math.floor(rows / smallestGroup)));
  // Too few rows between two atoms say nothing of their own: they spread over the whole gap.
  const few = rows < smallestGroup;
  let left = few && start > 0 ? sorted[start - 1]! : lowerEdge(sorted, start, smallestGroup);
  const last = few && end < sorted.length ? sorted[end]! : upperEdge(sorted, end, smallestGroup);
  for (let bin = 1; bin <= count; bin++) {
    const cut = start + Math.floor((rows * bin) / count);
    const right = bin === count ? last : (sorted[cut - 1]! + sorted[cut]!) / 2;
    builder.add(cut - (start + Math.floor((rows * (bin - 1)) / count)), left, Math.max(left, right));
    left = right;
  }
}

/**
 * Where the values that begin at `start` begin to be drawn: as far below the mean of the first group as its last value is
 * above it, but never beyond the mean of the three smallest, so that the smallest itself is not given away.
 */
function lowerEdge(sorted: Float64Array, start: number, group: number): number {
  const end = Math.min(sorted.length, start + group);
  const reflected = 2 * mean(sorted, start, end) - sorted[end - 1]!;
  return Math.max(reflected, mean(sorted, start, Math.min(end, start + 3)));
}

function upperEdge(sorted: Float64Array, end: number, group: number): number {
  const start = Math.max(0, end - group);
  const reflected = 2 * mean(sorted, start, end) - sorted[start]!;
  return Math.min(reflected, mean(sorted, Math.max(start, end - 3), end));
}

function mean(values: Float64Array, start: number, end: number): number {
  const first = values[start]!;
  let sum = 0;
  // Differences to the first, so that large values of small spread keep their digits.
  for (let i = start; i < end; i++) sum += values[i]! - first;
  return first + sum / (end - start);
}
