/** Edges of `count` bins of equal width from the least to the greatest value; a single value gets half a unit each side, no value gets 0 to 1. */
export function equalWidthEdges(sorted: Float64Array, count: number): Float64Array {
  let low = sorted.length === 0 ? 0 : sorted[0]!;
  let high = sorted.length === 0 ? 1 : sorted[sorted.length - 1]!;
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  }
  const step = (high - low) / count;
  // A range too wide for a double is walked from both ends.
  const at = (i: number) => (Number.isFinite(step) ? i * step + low : low * (1 - i / count) + high * (i / count));
  const edges = Float64Array.from({ length: count + 1 }, (_, i) => at(i));
  edges[count] = high;
  return edges;
}

/** Inner edges of bins that hold equal shares, equal edges merged; linear interpolation between order statistics. */
export function quantileEdges(sorted: Float64Array, count: number): Float64Array {
  const edges: number[] = [];
  for (let i = 1; i < count && sorted.length > 0; i++) {
    const edge = quantile(sorted, i / count);
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return Float64Array.from(edges);
}

function quantile(sorted: Float64Array, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const t = position - below;
  if (t === 0) return low;
  // From the nearer end, so that the result never leaves the interval.
  return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t);
}

/** How many of the ascending edges are at or below the value. */
export function countEdgesUpTo(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Bins by the real column's edges: 1 … bins, with all that lies outside in the outermost ones; 0 is missing.
 * @param inner the edges between the bins
 */
export function binByInnerEdges(values: Float64Array, inner: Float64Array): Uint8Array {
  const bins = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    bins[i] = Number.isNaN(value) ? 0 : countEdgesUpTo(inner, value) + 1;
  }
  return bins;
}

/**
 * Bins as SDMetrics' quality report makes them: by the table's own edges, the greatest value and all missing ones
 * together in one more bin, since `numpy.digitize` counts them so.
 */
export function binByOwnEdges(values: Float64Array, edges: Float64Array): Uint8Array {
  const bins = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    bins[i] = Number.isNaN(value) ? edges.length : countEdgesUpTo(edges, value);
  }
  return bins;
}
