import {
  type Column,
  columnNamed,
  isCoded,
  type RunContext,
  type WholeTable,
} from '../../../../core/plugin-api/index.js';

/** Mean chance of attributing the right value, and its standard error, over the people whose known values were found. */
export interface Attribution {
  readonly people: number;
  readonly mean: number;
  readonly error: number;
}

/** How a column's cells become values that match or not. */
type Labelling = (column: Column | undefined, row: number) => string | number | null;

/**
 * Correct attribution probability (Elliot, 2014; Taub et al., 2018): among the released rows with a person's known values,
 * the share with the right sensitive value. Numbers and dates are cut into intervals of equal width over the training range.
 */
export class AttributionAttack {
  readonly #labels: ReadonlyMap<string, Labelling>;
  readonly #byKey = new Map<string, Map<string | number | null, number>[]>();

  constructor(
    training: WholeTable,
    private readonly known: readonly string[],
    private readonly sensitive: readonly string[],
    bins: number,
  ) {
    this.#labels = new Map(
      [...known, ...sensitive].map((name) => [name, labelling(columnNamed(training, name), bins)]),
    );
  }

  /** Takes in the released rows. */
  async learn(released: WholeTable, context: Pick<RunContext, 'tick'>): Promise<void> {
    const read = this.#reader(released);
    for (let row = 0; row < released.rowCount; row++) {
      const key = read.key(row);
      let counts = this.#byKey.get(key);
      if (counts === undefined) this.#byKey.set(key, (counts = this.sensitive.map(() => new Map())));
      this.sensitive.forEach((_, s) => {
        const value = read.sensitive(row, s);
        counts[s]!.set(value, (counts[s]!.get(value) ?? 0) + 1);
      });
      if (row % 1024 === 0) await context.tick();
    }
  }

  /** Of each sensitive column; null where nobody's known values are among the released rows. */
  async attribute(people: WholeTable, context: Pick<RunContext, 'tick'>): Promise<(Attribution | null)[]> {
    const read = this.#reader(people);
    const sums = this.sensitive.map(() => ({ people: 0, sum: 0, squares: 0 }));
    for (let row = 0; row < people.rowCount; row++) {
      if (row % 1024 === 0) await context.tick();
      const counts = this.#byKey.get(read.key(row));
      if (counts === undefined) continue;
      this.sensitive.forEach((_, s) => {
        const total = [...counts[s]!.values()].reduce((sum, count) => sum + count, 0);
        const chance = (counts[s]!.get(read.sensitive(row, s)) ?? 0) / total;
        sums[s]!.people++;
        sums[s]!.sum += chance;
        sums[s]!.squares += chance * chance;
      });
    }
    return sums.map(({ people: found, sum, squares }) => {
      if (found === 0) return null;
      const mean = sum / found;
      return { people: found, mean, error: Math.sqrt(Math.max(0, squares / found - mean * mean) / found) };
    });
  }

  #reader(table: WholeTable) {
    const known = this.known.map((name) => [columnNamed(table, name), this.#labels.get(name)!] as const);
    const sensitive = this.sensitive.map((name) => [columnNamed(table, name), this.#labels.get(name)!] as const);
    return {
      key: (row: number) => JSON.stringify(known.map(([column, label]) => label(column, row))),
      sensitive: (row: number, s: number) => sensitive[s]![1](sensitive[s]![0], row),
    };
  }
}

function labelling(training: Column | undefined, bins: number): Labelling {
  if (training === undefined || isCoded(training)) {
    return (column, row) => {
      if (column === undefined || !isCoded(column)) return null;
      return column.dictionary[column.codes[row]!] ?? null;
    };
  }
  const edges = innerEdges(training.values, bins);
  return (column, row) => {
    const value = column === undefined || isCoded(column) ? Number.NaN : column.values[row]!;
    if (Number.isNaN(value)) return null;
    return edges.reduce((bin, edge) => bin + (edge < value ? 1 : 0), 0);
  };
}

function innerEdges(values: Float64Array, bins: number): number[] {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (!(maximum > minimum)) return [];
  const step = maximum / bins - minimum / bins;
  return Array.from({ length: bins - 1 }, (_, i) => minimum + (i + 1) * step);
}

/** Different values of a column as the attack sees them, a missing one included. */
export function countValues(table: WholeTable, name: string, bins: number): number {
  const column = columnNamed(table, name);
  const label = labelling(column, bins);
  const seen = new Set<string | number | null>();
  for (let row = 0; row < table.rowCount; row++) seen.add(label(column, row));
  return seen.size;
}
