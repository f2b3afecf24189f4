import type { RunContext } from '../../../../core/plugin-api/index.js';
import { GroupedRows } from './grouped-rows.js';
import type { SpaceRows } from './row-space.js';

/** Of each query: what lies nearest in the searched rows. Distances are sums over columns, not yet means. */
export interface Nearest {
  /** Infinity where there are no rows. */
  readonly distance: Float64Array;
  /** How many rows lie at exactly this distance. */
  readonly ties: Uint32Array;
  /** The least distance greater than that; Infinity where all lie equally near. */
  readonly next: Float64Array;
  /** The first of the nearest rows; −1 where there are none. */
  readonly row: Int32Array;
}

/**
 * The nearest rows of each query, exactly, among all rows. Groups with fewer differing cells come first, and the search ends
 * when a group differs by more than both kept distances; memory grows with queries plus rows, never with their product.
 */
export async function findNearest(
  queries: SpaceRows,
  rows: SpaceRows,
  context: Pick<RunContext, 'tick'>,
): Promise<Nearest> {
  const search = new Search(queries, new GroupedRows(rows));
  for (let query = 0; query < queries.rowCount; query++) {
    search.run(query);
    await context.tick();
  }
  return search;
}

class Search implements Nearest {
  readonly distance: Float64Array;
  readonly ties: Uint32Array;
  readonly next: Float64Array;
  readonly row: Int32Array;
  readonly #numbers: Float64Array;

  constructor(
    private readonly queries: SpaceRows,
    private readonly grouped: GroupedRows,
  ) {
    const count = queries.rowCount;
    this.distance = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.ties = new Uint32Array(count);
    this.next = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.row = new Int32Array(count).fill(-1);
    this.#numbers = new Float64Array(grouped.numberCount);
  }

  run(query: number): void {
    const { numberCount, starts } = this.grouped;
    this.#numbers.set(this.queries.numbers.subarray(query * numberCount, (query + 1) * numberCount));
    const { groups, levelStarts } = this.grouped.order(this.queries, query);
    for (let level = 0; level < levelStarts.length - 1 && level <= this.next[query]!; level++) {
      for (let i = levelStarts[level]!; i < levelStarts[level + 1]!; i++) {
        this.#scan(query, level, starts[groups[i]!]!, starts[groups[i]! + 1]!);
      }
    }
  }

  #scan(query: number, differing: number, first: number, last: number): void {
    const { numbers, numberCount, rowAt } = this.grouped;
    const wanted = this.#numbers;
    let nearest = this.distance[query]!;
    let next = this.next[query]!;
    for (let place = first; place < last; place++) {
      let distance = differing;
      for (let c = 0, at = place * numberCount; c < numberCount && distance <= next; c++) {
        distance += gap(wanted[c]!, numbers[at + c]!);
      }
      if (distance >= next) continue;
      if (distance > nearest) next = distance;
      else if (distance === nearest) this.#tie(query, rowAt[place]!);
      else {
        next = nearest;
        nearest = distance;
        this.ties[query] = 1;
        this.row[query] = rowAt[place]!;
      }
    }
    this.distance[query] = nearest;
    this.next[query] = next;
  }

  #tie(query: number, row: number): void {
    this.ties[query]!++;
    if (row < this.row[query]!) this.row[query] = row;
  }
}

/** |a − b|, at most 1; a missing number is 1 from any other and 0 from a missing one. */
export function gap(a: number, b: number): number {
  const difference = Math.abs(a - b);
  if (difference <= 1) return difference;
  return Number.isNaN(a) && Number.isNaN(b) ? 0 : 1;
}
