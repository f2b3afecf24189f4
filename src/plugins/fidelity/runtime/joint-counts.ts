import type { Codes } from './column-comparison.js';

/** A table of counts of two columns of codes. */
export interface JointCounts {
  readonly total: number;
  /** 1 − ½ Σ |shares − shares of the other|, over the cells of either. */
  overlap(other: JointCounts): number;
  /** Cramér's V without correction, over the codes that occur; null when a column has fewer than two. */
  cramersV(): number | null;
}

/** Both tables of a comparison must be counted with the same code counts. */
export function countJointly(
  first: Codes,
  second: Codes,
  codeCounts: readonly [number, number],
  rowHint: number,
): JointCounts {
  const cells = codeCounts[0] * codeCounts[1];
  // Above a few cells a row, walking the empty ones costs more than sorting the rows.
  return cells <= Math.max(65_536, 4 * rowHint)
    ? new DenseCounts(first, second, codeCounts)
    : new SparseCounts(first, second, codeCounts);
}

class DenseCounts implements JointCounts {
  readonly total: number;
  readonly #counts: Int32Array;
  readonly #codeCounts: readonly [number, number];

  constructor(first: Codes, second: Codes, codeCounts: readonly [number, number]) {
    const width = codeCounts[1];
    const counts = new Int32Array(codeCounts[0] * width);
    for (let i = 0; i < first.length; i++) counts[first[i]! * width + second[i]!]!++;
    this.#counts = counts;
    this.#codeCounts = codeCounts;
    this.total = first.length;
  }

  overlap(other: DenseCounts): number {
    const mine = this.#counts;
    const theirs = other.#counts;
    let distance = 0;
    for (let cell = 0; cell < mine.length; cell++) {
      distance += Math.abs(mine[cell]! / this.total - theirs[cell]! / other.total);
    }
    return 1 - distance / 2;
  }

  cramersV(): number | null {
    return cramersV(this.#counts.keys(), this.#counts, this.#codeCounts, this.total);
  }
}

class SparseCounts implements JointCounts {
  readonly total: number;
  /** Ascending. */
  readonly #cells: Float64Array;
  readonly #counts: Int32Array;
  readonly #codeCounts: readonly [number, number];

  constructor(first: Codes, second: Codes, codeCounts: readonly [number, number]) {
    const keys = new Float64Array(first.length);
    for (let i = 0; i < keys.length; i++) keys[i] = first[i]! * codeCounts[1] + second[i]!;
    keys.sort();
    const counts = new Int32Array(keys.length);
    let length = 0;
    for (let i = 0; i < keys.length; i++) {
      if (i === 0 || keys[i] !== keys[length - 1]) keys[length++] = keys[i]!;
      counts[length - 1]!++;
    }
    this.#cells = keys.subarray(0, length);
    this.#counts = counts.subarray(0, length);
    this.#codeCounts = codeCounts;
    this.total = first.length;
  }

  overlap(other: SparseCounts): number {
    let distance = 0;
    let i = 0;
    let j = 0;
    while (i < this.#cells.length || j < other.#cells.length) {
      const cell = Math.min(this.#cells[i] ?? Infinity, other.#cells[j] ?? Infinity);
      const mine = this.#cells[i] === cell ? this.#counts[i++]! / this.total : 0;
      const theirs = other.#cells[j] === cell ? other.#counts[j++]! / other.total : 0;
      distance += Math.abs(mine - theirs);
    }
    return 1 - distance / 2;
  }

  cramersV(): number | null {
    return cramersV(this.#cells, this.#counts, this.#codeCounts, this.total);
  }
}

/** V = √(φ² / (min(rows, columns) − 1)), φ² = Σ n_ij² / (n_i n_j) − 1. */
function cramersV(
  cells: Iterable<number>,
  counts: Int32Array,
  [height, width]: readonly [number, number],
  total: number,
): number | null {
  const rows = new Float64Array(height);
  const columns = new Float64Array(width);
  const positions: number[] = [];
  let index = 0;
  for (const cell of cells) {
    const count = counts[index]!;
    if (count > 0) {
      const row = Math.floor(cell / width);
      rows[row]! += count;
      columns[cell - row * width]! += count;
      positions.push(row, cell - row * width, count);
    }
    index++;
  }
  const freedom = Math.min(occupied(rows), occupied(columns)) - 1;
  if (total === 0 || freedom < 1) return null;
  let sum = 0;
  for (let p = 0; p < positions.length; p += 3) {
    const count = positions[p + 2]!;
    sum += (count * count) / (rows[positions[p]!]! * columns[positions[p + 1]!]!);
  }
  return Math.sqrt(Math.max(0, sum - 1) / freedom);
}

function occupied(margins: Float64Array): number {
  let count = 0;
  for (const margin of margins) if (margin > 0) count++;
  return count;
}
