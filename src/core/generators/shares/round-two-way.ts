import { fitMargins } from './fit-margins.js';
import { JointTable } from './joint-table.js';

/** Rows and columns that show that the sums cannot be met: these rows have cells in these columns alone, which are to hold less. */
export interface Shortage {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** What a float may lack of a whole number. */
const SLACK = 1e-6;

/**
 * Whole numbers near to a table of two axes, with exactly the sums that are wished (controlled rounding: Cox, 1987). What
 * rounding down leaves over goes to the largest remainders first; where these do not fit the sums, along augmenting paths
 * (Ford and Fulkerson, 1956): one is found as long as the sums can be met at all.
 * @param support by cell: zero where nothing may stand. @param rowSums @param columnSums whole numbers of the same sum.
 */
export function roundTwoWay(
  table: JointTable,
  support: Float64Array,
  rowSums: ArrayLike<number>,
  columnSums: ArrayLike<number>,
): Float64Array | Shortage {
  const wished = fitMargins(table, [rowSums, columnSums]).cells;
  const flow = new Flow(support, rowSums, columnSums);
  wished.forEach((weight, cell) => flow.add(cell, Math.floor(weight + SLACK)));
  flow.takeBack(wished);
  const remainder = (cell: number) => wished[cell]! - flow.counts[cell]!;
  const byRemainder = [...wished.keys()]
    .filter((cell) => support[cell]! > 0)
    .toSorted((a, b) => remainder(b) - remainder(a) || a - b);
  for (const cell of byRemainder) flow.add(cell, Math.min(1, flow.roomAt(cell)));
  return flow.complete() ?? flow.counts;
}

/** Whole numbers in a table of two axes, and what its rows and columns lack of their sums. */
class Flow {
  readonly counts: Float64Array;
  readonly #rowLacks: Float64Array;
  readonly #columnLacks: Float64Array;

  constructor(
    private readonly support: Float64Array,
    rowSums: ArrayLike<number>,
    columnSums: ArrayLike<number>,
  ) {
    this.counts = new Float64Array(support.length);
    this.#rowLacks = Float64Array.from(rowSums);
    this.#columnLacks = Float64Array.from(columnSums);
  }

  add(cell: number, count: number): void {
    const width = this.#columnLacks.length;
    this.counts[cell]! += count;
    this.#rowLacks[Math.floor(cell / width)]! -= count;
    this.#columnLacks[cell % width]! -= count;
  }

  /** How much both the row and the column of a cell lack. */
  roomAt(cell: number): number {
    const width = this.#columnLacks.length;
    return Math.min(this.#rowLacks[Math.floor(cell / width)]!, this.#columnLacks[cell % width]!);
  }

  /** Takes from rows and columns that hold too much, as they may where the wished table has not quite the sums. */
  takeBack(wished: Float64Array): void {
    const excess = (cell: number) => this.counts[cell]! - wished[cell]!;
    const fullest = [...this.counts.keys()].toSorted((a, b) => excess(b) - excess(a) || a - b);
    for (const cell of fullest) {
      const surplus = -Math.min(0, this.roomAt(cell));
      this.add(cell, -Math.min(this.counts[cell]!, surplus));
    }
  }

  /** Adds until nothing lacks; null, or why that cannot be. */
  complete(): Shortage | null {
    for (let row = 0; row < this.#rowLacks.length; row++) {
      while (this.#rowLacks[row]! > 0) {
        const shortage = this.#augment(row);
        if (shortage !== null) return shortage;
      }
    }
    return null;
  }

  /** Moves what one path can: adds in the row, takes and adds by turns, adds in a column that lacks. */
  #augment(start: number): Shortage | null {
    const width = this.#columnLacks.length;
    const rowBefore = new Int32Array(width).fill(-1);
    const columnBefore = new Map<number, number>([[start, -1]]);
    const queue = [start];
    for (const row of queue) {
      for (let column = 0; column < width; column++) {
        if (rowBefore[column]! >= 0 || this.support[row * width + column] === 0) continue;
        rowBefore[column] = row;
        if (this.#columnLacks[column]! > 0) {
          this.#move(start, column, rowBefore, columnBefore);
          return null;
        }
        for (let other = 0; other < this.#rowLacks.length; other++) {
          if (columnBefore.has(other) || this.counts[other * width + column] === 0) continue;
          columnBefore.set(other, column);
          queue.push(other);
        }
      }
    }
    const reached = [...rowBefore.keys()].filter((column) => rowBefore[column]! >= 0);
    return { rows: queue.toSorted((a, b) => a - b), columns: reached };
  }

  #move(start: number, end: number, rowBefore: Int32Array, columnBefore: ReadonlyMap<number, number>): void {
    const width = this.#columnLacks.length;
    const added: number[] = [];
    const taken: number[] = [];
    for (let column = end; column >= 0;) {
      const row = rowBefore[column]!;
      added.push(row * width + column);
      column = columnBefore.get(row)!;
      if (column >= 0) taken.push(row * width + column);
    }
    const limits = taken.map((cell) => this.counts[cell]!);
    const count = Math.min(this.#rowLacks[start]!, this.#columnLacks[end]!, ...limits);
    for (const cell of added) this.add(cell, count);
    for (const cell of taken) this.add(cell, -count);
  }
}
