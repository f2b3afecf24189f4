/** Disjoint half-open stretches [start, end) of a number line, ascending. */
export interface Cells {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Index of the cell that holds x, or of the nearest one. */
export function locate({ starts, ends }: Cells, x: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  const nextIsNearer = low + 1 < starts.length && x >= ends[low]! && starts[low + 1]! - x < x - ends[low]!;
  return nextIsNearer ? low + 1 : low;
}

/** Cuts cells into equal pieces, about `target` in all, more where there is more mass; with `whole`, at whole numbers only. */
export function subdivide(cells: Cells, masses: ArrayLike<number>, target: number, whole: boolean): Cells {
  const total = Array.from(masses).reduce((sum, mass) => sum + mass, 0) || 1;
  const edges = cells.starts.map((start, i) => {
    const width = cells.ends[i]! - start;
    const wished = Math.max(1, Math.round((target * masses[i]!) / total));
    const pieces = whole ? Math.min(wished, width) : wished;
    const cut = (piece: number): number =>
      start + (whole ? Math.round((width * piece) / pieces) : (width * piece) / pieces);
    return Array.from({ length: pieces + 1 }, (_, piece) => (piece === pieces ? cells.ends[i]! : cut(piece)));
  });
  return { starts: edges.flatMap((cuts) => cuts.slice(0, -1)), ends: edges.flatMap((cuts) => cuts.slice(1)) };
}

/** Joins neighbours without a gap as long as they hold no more than `mass` together; gives the cells and their masses. */
export function mergeLight(cells: Cells, masses: ArrayLike<number>, mass: number): { cells: Cells; masses: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  const sums: number[] = [];
  cells.starts.forEach((start, i) => {
    const last = sums.length - 1;
    if (last >= 0 && ends[last] === start && sums[last]! + masses[i]! <= mass) {
      ends[last] = cells.ends[i]!;
      sums[last]! += masses[i]!;
      return;
    }
    starts.push(start);
    ends.push(cells.ends[i]!);
    sums.push(masses[i]!);
  });
  return { cells: { starts, ends }, masses: sums };
}

/** Parts the cells at either end whose counts are below the threshold from the core between them, which keeps the fullest cell at least. */
export function splitEnds(
  cells: Cells,
  counts: ArrayLike<number>,
  threshold: number,
): { core: Cells; counts: number[]; before: Cells; after: Cells } {
  const values = Array.from(counts);
  const fullest = values.indexOf(Math.max(...values));
  const first = values.findIndex((count, i) => count >= threshold || i === fullest);
  const end = values.findLastIndex((count, i) => count >= threshold || i === fullest) + 1;
  return {
    core: sliceCells(cells, first, end),
    counts: values.slice(first, end),
    before: sliceCells(cells, 0, first),
    after: sliceCells(cells, end),
  };
}

export function sliceCells({ starts, ends }: Cells, first: number, end?: number): Cells {
  return { starts: starts.slice(first, end), ends: ends.slice(first, end) };
}

/** Cells one after the other; all of the first lie below all of the second, and so on. */
export function concatCells(...parts: readonly Cells[]): Cells {
  return { starts: parts.flatMap(({ starts }) => starts), ends: parts.flatMap(({ ends }) => ends) };
}

/** Joins all pieces of the same one of `wholes`. */
export function joinPieces(pieces: Cells, wholes: Cells): Cells {
  const owners = pieces.starts.map((start) => locate(wholes, start));
  const isFirst = owners.map((owner, i) => owner !== owners[i - 1]);
  const isLast = owners.map((owner, i) => owner !== owners[i + 1]);
  return { starts: pieces.starts.filter((_, i) => isFirst[i]), ends: pieces.ends.filter((_, i) => isLast[i]) };
}

/** Counts values by cell. */
export function countByCell(cells: Cells, values: Float64Array): Float64Array {
  const counts = new Float64Array(cells.starts.length);
  for (const value of values) if (!Number.isNaN(value)) counts[locate(cells, value)]!++;
  return counts;
}
