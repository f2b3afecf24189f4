import type { DiscreteEncoding } from './discrete-encoding.js';
import type { Layout } from './layout.js';
import type { EncodedTable, TableEncoding } from './table-encoding.js';

/** Numbers of which one is picked, each by its weight. */
export class WeightedChoice {
  readonly #cumulative: Float64Array;

  constructor(
    readonly options: readonly number[],
    private readonly weights: readonly number[],
  ) {
    this.#cumulative = cumulativeShares(weights);
  }

  /** Of all together. */
  get weight(): number {
    return this.weights.reduce((sum, weight) => sum + weight, 0);
  }

  shifted(by: number): WeightedChoice {
    return new WeightedChoice(
      this.options.map((option) => option + by),
      this.weights,
    );
  }

  pick(uniform: number): number {
    return this.options[indexAt(this.#cumulative, uniform)]!;
  }
}

/** Picks conditions: a discrete column, each as likely as the other, then one of its categories by weight. */
export class ConditionSampler {
  readonly #columns: readonly WeightedChoice[];

  /** @param weigh a category's weight from its number of rows. */
  constructor(layout: Layout, encoding: TableEncoding, weigh: (count: number) => number) {
    this.#columns = layout.segments
      .filter((segment) => segment.condition >= 0)
      .map(({ column, condition }) => {
        const { counts } = encoding.columns[column] as DiscreteEncoding;
        return new WeightedChoice([...counts.keys()], counts.map(weigh)).shifted(condition);
      });
  }

  /** An index into the condition vector, from two uniform numbers. */
  pick(columnUniform: number, categoryUniform: number): number {
    return this.#columns[Math.floor(columnUniform * this.#columns.length)]!.pick(categoryUniform);
  }
}

/** The training rows by the condition that they meet. */
export class RowsByCondition {
  readonly #rows: Int32Array[] = [];
  readonly #starts: Int32Array;
  readonly #columnOf: Int32Array;

  constructor(
    layout: Layout,
    private readonly encoded: EncodedTable,
  ) {
    this.#starts = new Int32Array(layout.conditions + 1);
    this.#columnOf = new Int32Array(layout.conditions);
    for (const { column, condition, size } of layout.segments) {
      if (condition < 0) continue;
      const { rows, starts } = sortByCategory(encoded.components[column]!, size);
      this.#columnOf.fill(this.#rows.length, condition, condition + size);
      this.#starts.set(starts.subarray(0, size), condition);
      this.#rows.push(rows);
    }
  }

  /** A row that meets the condition; with none, any row. */
  pick(condition: number, uniform: number): number {
    if (condition < 0) return Math.floor(uniform * this.encoded.rowCount);
    const column = this.#columnOf[condition]!;
    const rows = this.#rows[column]!;
    const start = this.#starts[condition]!;
    const isLast = condition + 1 >= this.#columnOf.length || this.#columnOf[condition + 1] !== column;
    const end = isLast ? rows.length : this.#starts[condition + 1]!;
    return rows[start + Math.floor(uniform * (end - start))]!;
  }
}

/** Counting sort: row numbers in order of their category, and where each category starts. */
function sortByCategory(categories: Int32Array, size: number): { rows: Int32Array; starts: Int32Array } {
  const starts = new Int32Array(size + 1);
  for (const category of categories) starts[category + 1]!++;
  for (let k = 0; k < size; k++) starts[k + 1]! += starts[k]!;
  const next = starts.slice();
  const rows = new Int32Array(categories.length);
  categories.forEach((category, row) => (rows[next[category]!++] = row));
  return { rows, starts };
}

function cumulativeShares(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return Float64Array.from(weights, (weight) => (sum += weight / total));
}

/** The first index whose cumulative share exceeds the uniform number. */
function indexAt(cumulative: Float64Array, uniform: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > uniform) high = middle;
    else low = middle + 1;
  }
  return low;
}
