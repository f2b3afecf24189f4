import {
  type ColumnKind,
  isCoded,
  RandomStream,
  type RunContext,
  type TableBatch,
  type TableSchema,
  type TableSource,
} from '../../../core/plugin-api/index.js';

/** Numbers and dates; NaN is missing. */
export interface NumberColumn {
  readonly role: 'number';
  readonly values: Float64Array;
}

/** Labels (categories, booleans) and keys (identifiers, text): codes into a dictionary, −1 is missing. */
export interface LabelColumn {
  readonly role: 'label' | 'key';
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type StoredColumn = NumberColumn | LabelColumn;

/** A table in memory, column by column, in typed arrays. */
export interface StoredTable {
  readonly schema: TableSchema;
  readonly rowCount: number;
  /** Rows of the source, of which `rowCount` were kept. */
  readonly sourceRowCount: number;
  readonly columns: readonly StoredColumn[];
}

export interface ReadOptions {
  readonly maximumCells: number;
  readonly context: Pick<RunContext, 'seed' | 'tick'>;
}

const BATCH_ROWS = 8192;
const BOOLEAN_DICTIONARY = ['false', 'true'];

/** Reads a source once; above the limit of cells, each row is kept or not by the seed and its number alone. */
export async function readTable(source: TableSource, { maximumCells, context }: ReadOptions): Promise<StoredTable> {
  const columnCount = source.schema.columns.length;
  const sourceRowCount = source.profile?.rowCount ?? (await countRows(source, context));
  const maximumRows = Math.max(1, Math.floor(maximumCells / Math.max(1, columnCount)));
  const rowLimit = Math.min(sourceRowCount, maximumRows);
  const keep = rowLimit < sourceRowCount ? chooseRows(sourceRowCount, rowLimit, context.seed) : null;
  const builders = source.schema.columns.map(({ kind }) => new ColumnBuilder(kind, rowLimit));
  let sourceRow = 0;
  for await (const batch of source.batches(BATCH_ROWS)) {
    const rows = keep === null ? null : rowsOfBatch(keep, sourceRow, batch.rowCount);
    builders.forEach((builder, index) => builder.append(batch, index, rows));
    sourceRow += batch.rowCount;
    await context.tick();
  }
  const columns = builders.map((builder) => builder.finish());
  return { schema: source.schema, rowCount: builders[0]?.length ?? sourceRow, sourceRowCount: sourceRow, columns };
}

async function countRows(source: TableSource, context: Pick<RunContext, 'tick'>): Promise<number> {
  let rows = 0;
  for await (const batch of source.batches(BATCH_ROWS)) {
    rows += batch.rowCount;
    await context.tick();
  }
  return rows;
}

/** Selection sampling (Knuth, TAOCP volume 2, algorithm S): exactly `wanted` of the rows, each as likely as the others. */
function chooseRows(total: number, wanted: number, seed: number): Uint8Array {
  const stream = new RandomStream(seed, 'fidelity.rows');
  const keep = new Uint8Array(total);
  let left = wanted;
  for (let row = 0; row < total && left > 0; row++) {
    if (stream.uniformAt(row) * (total - row) < left) {
      keep[row] = 1;
      left--;
    }
  }
  return keep;
}

function rowsOfBatch(keep: Uint8Array, start: number, length: number): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < length; row++) if (keep[start + row] === 1) rows.push(row);
  return Int32Array.from(rows);
}

/** One column under way. A profile may be older than its source, so that the arrays can still grow. */
class ColumnBuilder {
  length = 0;
  #data: Float64Array | Int32Array;
  #dictionary: readonly string[] = [];
  readonly #kind: ColumnKind;

  constructor(kind: ColumnKind, capacity: number) {
    this.#kind = kind;
    this.#data = this.#isNumber ? new Float64Array(capacity) : new Int32Array(capacity);
  }

  get #isNumber(): boolean {
    return this.#kind === 'continuous' || this.#kind === 'integer' || this.#kind === 'datetime';
  }

  append(batch: TableBatch, index: number, rows: Int32Array | null): void {
    const column = batch.columns[index]!;
    const values = isCoded(column) ? column.codes : column.values;
    if (isCoded(column)) this.#dictionary = column.dictionary;
    const count = rows?.length ?? batch.rowCount;
    this.#reserve(this.length + count);
    const convert = this.#isNumber ? finiteOrMissing : isCoded(column) ? asIs : booleanCode;
    for (let i = 0; i < count; i++) this.#data[this.length + i] = convert(values[rows === null ? i : rows[i]!]!);
    this.length += count;
  }

  finish(): StoredColumn {
    const data = this.#data.length === this.length ? this.#data : this.#data.slice(0, this.length);
    if (data instanceof Float64Array) return { role: 'number', values: data };
    const role = this.#kind === 'identifier' || this.#kind === 'text' ? 'key' : 'label';
    return { role, codes: data, dictionary: this.#kind === 'boolean' ? BOOLEAN_DICTIONARY : this.#dictionary };
  }

  #reserve(length: number): void {
    if (length <= this.#data.length) return;
    const capacity = Math.max(length, this.#data.length * 2);
    const grown = this.#data instanceof Float64Array ? new Float64Array(capacity) : new Int32Array(capacity);
    grown.set(this.#data);
    this.#data = grown;
  }
}

const asIs = (value: number): number => value;
/** An infinite number has no place on an axis: it counts as missing. */
const finiteOrMissing = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);
const booleanCode = (value: number): number => (value === 0 ? 0 : value === 1 ? 1 : -1);
