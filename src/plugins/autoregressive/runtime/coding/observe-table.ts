import {
  collectColumns,
  isCoded,
  type Column,
  type RunContext,
  type TableBatch,
  type TableSource,
} from '../../../../core/plugin-api/index.js';

export interface ObservedColumn {
  /** A uniform sample of the cells. */
  readonly sample: Column;
  /** Missing cells among all rows. */
  readonly missing: number;
  /** By code: rows that hold it, of all rows; null where the column is numeric. */
  readonly counts: Float64Array | null;
  readonly dictionary: readonly string[];
}

export interface ObservedTable {
  readonly rowCount: number;
  readonly columns: readonly ObservedColumn[];
}

/** Rows of numbers that quantiles are taken from, and most cells of them all. */
const SAMPLE_ROWS = 2 ** 18;
const SAMPLE_CELLS = 2 ** 25;

/** First reading: counts every category and keeps a sample of the numbers, in memory that has a bound. */
export async function observeTable(source: TableSource, context: RunContext): Promise<ObservedTable> {
  const tallies = source.schema.columns.map(() => new ColumnTally());
  const counted: TableSource = { ...source, batches: (batchSize) => count(source.batches(batchSize), tallies) };
  const columns = Math.max(1, source.schema.columns.length);
  const maximumRows = Math.max(1, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columns)));
  const collected = await collectColumns(counted, maximumRows, context);
  if (collected.rowCount === 0) throw new Error('The table has no rows to learn from');
  return {
    rowCount: collected.rowsSeen,
    columns: tallies.map((tally, c) => tally.finish(collected.columns[c]!)),
  };
}

async function* count(batches: AsyncIterable<TableBatch>, tallies: readonly ColumnTally[]): AsyncGenerator<TableBatch> {
  for await (const batch of batches) {
    tallies.forEach((tally, c) => tally.add(batch.columns[c]!));
    yield batch;
  }
}

class ColumnTally {
  #missing = 0;
  #counts = new Float64Array(0);
  #dictionary: readonly string[] = [];

  add(column: Column): void {
    if (isCoded(column)) {
      this.#grow(column.dictionary);
      for (const code of column.codes) {
        if (code < 0) this.#missing++;
        else this.#counts[code]!++;
      }
    } else {
      for (const value of column.values) if (!Number.isFinite(value)) this.#missing++;
    }
  }

  finish(sample: Column): ObservedColumn {
    const counts = isCoded(sample) ? this.#counts.subarray(0, this.#dictionary.length) : null;
    return { sample, missing: this.#missing, counts, dictionary: this.#dictionary };
  }

  #grow(dictionary: readonly string[]): void {
    this.#dictionary = dictionary;
    if (dictionary.length <= this.#counts.length) return;
    const grown = new Float64Array(Math.max(dictionary.length, 2 * this.#counts.length));
    grown.set(this.#counts);
    this.#counts = grown;
  }
}
