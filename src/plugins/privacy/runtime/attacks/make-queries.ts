import { RandomStream, type RunContext } from '../../../../core/plugin-api/index.js';
import type { SpaceRows } from '../distance/row-space.js';
import { type Condition, type Query, singlesOut } from './query.js';

/** Attempts at a multivariate query, for each one wanted. */
const ATTEMPTS_PER_QUERY = 20;

/** Conditions on one column that exactly one row meets: its extremes, and values that one row alone has. */
export function univariateQueries(rows: SpaceRows, wanted: number, seed: number): Query[] {
  const { rowCount, codes, numbers } = rows;
  if (rowCount === 0) return [];
  const conditions: Condition[] = [];
  const codeCount = codes.length / rowCount;
  for (let column = 0; column < codeCount; column++) {
    for (const code of heldOnce(codes, column, codeCount)) conditions.push({ on: 'code', column, code });
  }
  const numberCount = numbers.length / rowCount;
  for (let column = 0; column < numberCount; column++) {
    // One by one: there may be as many as there are rows, more than a call takes arguments.
    for (const condition of numberConditions(numbers, column, numberCount)) conditions.push(condition);
  }
  const order = Uint32Array.from({ length: conditions.length }, (_, i) => i);
  new RandomStream(seed, 'privacy.queries.order').shuffle(order);
  const queries: Query[] = [];
  for (const i of order) {
    if (queries.length === wanted) break;
    const query = [conditions[i]!];
    if (singlesOut(query, rows)) queries.push(query);
  }
  return queries;
}

function heldOnce(cells: Int32Array | Float64Array, offset: number, stride: number): number[] {
  const counts = new Map<number, number>();
  for (let i = offset; i < cells.length; i += stride) counts.set(cells[i]!, (counts.get(cells[i]!) ?? 0) + 1);
  return [...counts].flatMap(([value, count]) => (count === 1 ? [value] : []));
}

function numberConditions(numbers: Float64Array, column: number, stride: number): Condition[] {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = column; i < numbers.length; i += stride) {
    if (numbers[i]! < minimum) minimum = numbers[i]!;
    if (numbers[i]! > maximum) maximum = numbers[i]!;
  }
  const extremes: Condition[] =
    maximum >= minimum
      ? [
          { on: 'number', column, test: 'at most', value: minimum },
          { on: 'number', column, test: 'at least', value: maximum },
        ]
      : [];
  const rare = heldOnce(numbers, column, stride).map((value): Condition => {
    return { on: 'number', column, test: Number.isNaN(value) ? 'missing' : 'equal', value };
  });
  return [...extremes, ...rare];
}

/** Conditions from a few cells of one row each: equal categories, numbers at least as far from the median. */
export async function multivariateQueries(
  rows: SpaceRows,
  columnsEach: number,
  wanted: number,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<Query[]> {
  if (rows.rowCount === 0) return [];
  const maker = new QueryMaker(rows, columnsEach, new RandomStream(context.seed, 'privacy.queries.rows'));
  const queries = new Map<string, Query>();
  for (let attempt = 0; attempt < wanted * ATTEMPTS_PER_QUERY && queries.size < wanted; attempt++) {
    const query = maker.draw();
    if (singlesOut(query, rows)) queries.set(JSON.stringify(query), query);
    await context.tick();
  }
  return [...queries.values()];
}

class QueryMaker {
  readonly #codeCount: number;
  readonly #numberCount: number;
  readonly #medians: readonly number[];

  constructor(
    private readonly rows: SpaceRows,
    private readonly columnsEach: number,
    private readonly stream: RandomStream,
  ) {
    this.#codeCount = rows.codes.length / rows.rowCount;
    this.#numberCount = rows.numbers.length / rows.rowCount;
    this.#medians = Array.from({ length: this.#numberCount }, (_, column) => medianOf(rows, column));
  }

  draw(): Query {
    const row = this.stream.nextInteger(this.rows.rowCount);
    const columns = new Set<number>();
    const all = this.#codeCount + this.#numberCount;
    while (columns.size < Math.min(this.columnsEach, all)) columns.add(this.stream.nextInteger(all));
    return [...columns].toSorted((a, b) => a - b).map((column) => this.#condition(row, column));
  }

  #condition(row: number, position: number): Condition {
    if (position < this.#codeCount) {
      return { on: 'code', column: position, code: this.rows.codes[row * this.#codeCount + position]! };
    }
    const column = position - this.#codeCount;
    const value = this.rows.numbers[row * this.#numberCount + column]!;
    if (Number.isNaN(value)) return { on: 'number', column, test: 'missing', value };
    return { on: 'number', column, test: value > this.#medians[column]! ? 'at least' : 'at most', value };
  }
}

function medianOf({ rowCount, numbers }: SpaceRows, column: number): number {
  const stride = numbers.length / rowCount;
  const values = Float64Array.from({ length: rowCount }, (_, row) => numbers[row * stride + column]!);
  const present = values.filter((value) => !Number.isNaN(value)).toSorted();
  return present.length === 0 ? 0 : present[present.length >>> 1]!;
}
