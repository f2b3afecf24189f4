import { isCoded, type Column, type ColumnCoding, type TableBatch } from '../../../core/plugin-api/index.js';

/** Rows taken one by one out of blocks, given back in batches. */
export class RowBuffer {
  readonly #cells: number[][];
  #dictionaries: (readonly string[] | null)[] = [];

  constructor(codings: readonly ColumnCoding[]) {
    this.#cells = codings.map(() => []);
    this.#dictionaries = codings.map(({ values }) => ('categories' in values ? values.categories : null));
  }

  get length(): number {
    return this.#cells[0]?.length ?? 0;
  }

  push(columns: readonly Column[], row: number): void {
    columns.forEach((column, c) => this.#cells[c]!.push(isCoded(column) ? column.codes[row]! : column.values[row]!));
  }

  /** The first rows, which are removed. */
  take(rowCount: number): TableBatch {
    const columns = this.#cells.map((cells, c): Column => {
      const taken = cells.splice(0, rowCount);
      const dictionary = this.#dictionaries[c];
      return dictionary ? { codes: Int32Array.from(taken), dictionary } : { values: Float64Array.from(taken) };
    });
    return { rowCount, columns };
  }
}
