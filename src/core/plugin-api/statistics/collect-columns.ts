import type { RunContext } from '../run-context.js';
import { RandomStream } from '../random.js';
import { isCoded, type Column, type TableSource } from '../tables.js';

const BATCH_SIZE = 8192;

export interface CollectedTable {
  /** Rows kept; at most the asked maximum. */
  readonly rowCount: number;
  /** Rows that the source had. */
  readonly rowsSeen: number;
  readonly columns: readonly Column[];
}

/**
 * Reads a source into one column each, in row order. Of more than `maximumRows` rows a uniform sample is kept, drawn with
 * the run's seed (reservoir sampling, Vitter's algorithm R), so that memory has a bound: 8 bytes a numeric cell, 4 a coded one.
 */
export async function collectColumns(
  source: TableSource,
  maximumRows: number,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<CollectedTable> {
  const expected = Math.min(maximumRows, source.profile?.rowCount ?? BATCH_SIZE);
  const reservoir = new RandomStream(context.seed, 'collect.reservoir');
  let buffers: ColumnBuffer[] = [];
  let rowsSeen = 0;
  for await (const batch of source.batches(BATCH_SIZE)) {
    if (buffers.length === 0) buffers = batch.columns.map((column) => new ColumnBuffer(column, expected));
    const room = Math.min(batch.rowCount, Math.max(0, maximumRows - rowsSeen));
    buffers.forEach((buffer, c) => buffer.append(batch.columns[c]!, room, rowsSeen));
    for (let row = room; row < batch.rowCount; row++) {
      const slot = Math.floor(reservoir.preciseUniformAt(rowsSeen + row) * (rowsSeen + row + 1));
      if (slot < maximumRows) buffers.forEach((buffer, c) => buffer.replace(slot, batch.columns[c]!, row));
    }
    rowsSeen += batch.rowCount;
    await context.tick();
  }
  const rowCount = Math.min(rowsSeen, maximumRows);
  return { rowCount, rowsSeen, columns: buffers.map((buffer) => buffer.finish(rowCount)) };
}

class ColumnBuffer {
  #cells: Float64Array | Int32Array;
  #dictionary: readonly string[] | null;

  constructor(column: Column, capacity: number) {
    this.#cells = isCoded(column) ? new Int32Array(capacity) : new Float64Array(capacity);
    this.#dictionary = isCoded(column) ? column.dictionary : null;
  }

  append(column: Column, rows: number, offset: number): void {
    if (isCoded(column)) this.#dictionary = column.dictionary;
    if (rows === 0) return;
    this.#reserve(offset + rows);
    const cells = cellsOf(column);
    this.#cells.set(rows < cells.length ? cells.subarray(0, rows) : cells, offset);
  }

  replace(slot: number, column: Column, row: number): void {
    this.#cells[slot] = cellsOf(column)[row]!;
  }

  finish(rows: number): Column {
    if (this.#cells instanceof Float64Array) return { values: this.#cells.subarray(0, rows) };
    return { codes: this.#cells.subarray(0, rows), dictionary: this.#dictionary! };
  }

  #reserve(length: number): void {
    if (length <= this.#cells.length) return;
    const capacity = Math.max(length, this.#cells.length * 2);
    const grown = this.#cells instanceof Float64Array ? new Float64Array(capacity) : new Int32Array(capacity);
    grown.set(this.#cells);
    this.#cells = grown;
  }
}

function cellsOf(column: Column): Float64Array | Int32Array {
  return isCoded(column) ? column.codes : column.values;
}
