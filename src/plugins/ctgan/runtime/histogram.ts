/** Values of a column grouped into cells, each with its count, mean and mean square deviation: enough for a mixture's sums. */
export interface Histogram {
  readonly counts: Float64Array;
  readonly means: Float64Array;
  /** Mean square deviation inside each cell. */
  readonly spreads: Float64Array;
}

/** Groups sorted values into at most about `cells` cells of equal counts; equal values are never parted. */
export function histogramOf(sorted: Float64Array, cells: number): Histogram {
  const counts: number[] = [];
  const means: number[] = [];
  const spreads: number[] = [];
  const target = sorted.length / cells;
  for (let start = 0; start < sorted.length;) {
    const end = endOfCell(sorted, start, target);
    const mean = meanOf(sorted, start, end);
    let squares = 0;
    for (let i = start; i < end; i++) squares += (sorted[i]! - mean) ** 2;
    counts.push(end - start);
    means.push(mean);
    spreads.push(squares / (end - start));
    start = end;
  }
  return {
    counts: Float64Array.from(counts),
    means: Float64Array.from(means),
    spreads: Float64Array.from(spreads),
  };
}

/** A value that fills a cell by itself gets one of its own, so that spikes stay sharp. */
function endOfCell(sorted: Float64Array, start: number, target: number): number {
  let end = start;
  do {
    const value = sorted[end]!;
    let after = end + 1;
    while (after < sorted.length && sorted[after] === value) after++;
    if (end > start && after - end >= target) return end;
    end = after;
  } while (end < sorted.length && end - start < target);
  return end;
}

function meanOf(sorted: Float64Array, start: number, end: number): number {
  const origin = sorted[start]!;
  let sum = 0;
  for (let i = start; i < end; i++) sum += sorted[i]! - origin;
  return origin + sum / (end - start);
}
