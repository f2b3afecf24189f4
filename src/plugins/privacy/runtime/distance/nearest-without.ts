import type { RunContext } from '../../../../core/plugin-api/index.js';
import { GroupedRows } from './grouped-rows.js';
import { gap } from './nearest.js';
import type { SpaceRows } from './row-space.js';

/**
 * For each query and each column, the first of the rows nearest to it when that column is left out: all columns in one
 * pass, since a distance without a column is the whole one less that column's part.
 * @returns query by query, one row for each column, discrete columns first; −1 where there are no rows.
 */
export async function findNearestWithoutEach(
  queries: SpaceRows,
  rows: SpaceRows,
  columnCount: number,
  context: Pick<RunContext, 'tick'>,
): Promise<Int32Array> {
  const nearest = new Int32Array(queries.rowCount * columnCount).fill(-1);
  const search = new ColumnwiseSearch(new GroupedRows(rows), columnCount);
  for (let query = 0; query < queries.rowCount; query++) {
    nearest.set(search.run(queries, query), query * columnCount);
    await context.tick();
  }
  return nearest;
}

class ColumnwiseSearch {
  readonly #nearest: Int32Array;
  readonly #distances: Float64Array;
  /** What each column adds to the distance of the row at hand. */
  readonly #parts: Float64Array;
  #numbers: Float64Array = new Float64Array(0);
  /** The greatest of the kept distances: a row further away than this without any column is of no use. */
  #worst = Number.POSITIVE_INFINITY;

  constructor(
    private readonly grouped: GroupedRows,
    columnCount: number,
  ) {
    this.#nearest = new Int32Array(columnCount);
    this.#distances = new Float64Array(columnCount);
    this.#parts = new Float64Array(columnCount);
  }

  run(queries: SpaceRows, query: number): Int32Array {
    const { numberCount, codeCount } = this.grouped;
    this.#nearest.fill(-1);
    this.#distances.fill(Number.POSITIVE_INFINITY);
    this.#worst = Number.POSITIVE_INFINITY;
    this.#numbers = queries.numbers.subarray(query * numberCount, (query + 1) * numberCount);
    const { groups, levelStarts } = this.grouped.order(queries, query);
    // No column's part is more than 1, so that a group that differs by more than the worst + 1 is of no use.
    for (let level = 0; level < levelStarts.length - 1 && level - 1 <= this.#worst; level++) {
      for (let i = levelStarts[level]!; i < levelStarts[level + 1]!; i++) {
        const group = groups[i]!;
        for (let c = 0; c < codeCount; c++) {
          this.#parts[c] = this.grouped.codeOf(group, c) === queries.codes[query * codeCount + c] ? 0 : 1;
        }
        this.#scan(level, group);
      }
    }
    return this.#nearest;
  }

  #scan(differing: number, group: number): void {
    const { numbers, numberCount, codeCount, starts, rowAt } = this.grouped;
    for (let place = starts[group]!; place < starts[group + 1]!; place++) {
      let total = differing;
      for (let c = 0; c < numberCount && total - 1 <= this.#worst; c++) {
        const part = gap(this.#numbers[c]!, numbers[place * numberCount + c]!);
        this.#parts[codeCount + c] = part;
        total += part;
      }
      if (total - 1 <= this.#worst) this.#keep(rowAt[place]!, total);
    }
  }

  #keep(row: number, total: number): void {
    let worst = 0;
    for (let c = 0; c < this.#parts.length; c++) {
      const distance = total - this.#parts[c]!;
      const kept = this.#distances[c]!;
      if (distance < kept || (distance === kept && row < this.#nearest[c]!)) {
        this.#distances[c] = distance;
        this.#nearest[c] = row;
      }
      if (this.#distances[c]! > worst) worst = this.#distances[c]!;
    }
    this.#worst = worst;
  }
}
