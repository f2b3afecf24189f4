import {
  CODED_KINDS,
  type Column,
  type ColumnKind,
  columnNamed,
  isCoded,
  type WholeTable,
} from '../../../../core/plugin-api/index.js';

/** Rows as the distance reads them, row by row. */
export interface SpaceRows {
  readonly rowCount: number;
  /** Codes of discrete cells, −1 where missing: rows × discrete columns. */
  readonly codes: Int32Array;
  /** Numbers in units of the training range, NaN where missing: rows × numeric columns. */
  readonly numbers: Float64Array;
}

/**
 * The space of mixed rows: the distance of two rows is the mean over columns of |difference| / range of the training
 * rows, at most 1 (numbers, dates), or of 0 and 1 for equal and different (categories, booleans). Missing equals missing
 * alone. Identifiers and free text take no part.
 */
export class RowSpace {
  readonly discreteNames: readonly string[];
  readonly numericNames: readonly string[];
  readonly #discrete: readonly DiscreteAxis[];
  readonly #numeric: readonly NumericAxis[];

  constructor(training: WholeTable) {
    const compared = training.schema.columns.filter(({ kind }) => kind !== 'identifier' && kind !== 'text');
    this.discreteNames = compared.filter(({ kind }) => isDiscrete(kind)).map(({ name }) => name);
    this.numericNames = compared.filter(({ kind }) => !isDiscrete(kind)).map(({ name }) => name);
    this.#discrete = this.discreteNames.map(() => new DiscreteAxis());
    this.#numeric = this.numericNames.map((name) => new NumericAxis(columnNamed(training, name)));
  }

  get columnCount(): number {
    return this.#discrete.length + this.#numeric.length;
  }

  /** A column that the table lacks, or has as another kind, is all missing. */
  place(table: WholeTable): SpaceRows {
    const { rowCount } = table;
    const codes = new Int32Array(rowCount * this.#discrete.length);
    const numbers = new Float64Array(rowCount * this.#numeric.length);
    this.#discrete.forEach((axis, c) => {
      axis.write(columnOfKind(table, this.discreteNames[c]!, true), codes, c, this.#discrete.length);
    });
    this.#numeric.forEach((axis, c) => {
      axis.write(columnOfKind(table, this.numericNames[c]!, false), numbers, c, this.#numeric.length);
    });
    return { rowCount, codes, numbers };
  }
}

function isDiscrete(kind: ColumnKind): boolean {
  return CODED_KINDS.has(kind) || kind === 'boolean';
}

function columnOfKind(table: WholeTable, name: string, discrete: boolean): Column | undefined {
  const kind = table.schema.columns.find((column) => column.name === name)?.kind;
  if (kind === undefined || isDiscrete(kind) !== discrete) return undefined;
  return columnNamed(table, name);
}

/** One code for each text (or 0 and 1), the same in every table that is placed. */
class DiscreteAxis {
  readonly #codes = new Map<string | number, number>();

  write(column: Column | undefined, out: Int32Array, offset: number, stride: number): void {
    if (column === undefined) {
      for (let i = offset; i < out.length; i += stride) out[i] = -1;
    } else if (isCoded(column)) {
      const translated = column.dictionary.map((text) => this.#codeOf(text));
      column.codes.forEach((code, row) => (out[row * stride + offset] = code < 0 ? -1 : translated[code]!));
    } else {
      column.values.forEach((value, row) => {
        out[row * stride + offset] = Number.isNaN(value) ? -1 : this.#codeOf(value);
      });
    }
  }

  #codeOf(value: string | number): number {
    const code = this.#codes.get(value) ?? this.#codes.size;
    this.#codes.set(value, code);
    return code;
  }
}

class NumericAxis {
  readonly #minimum: number;
  readonly #range: number;

  constructor(training: Column | undefined) {
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    if (training !== undefined && !isCoded(training)) {
      for (const value of training.values) {
        if (!Number.isFinite(value)) continue;
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
    }
    this.#minimum = minimum;
    // Halved first: the range of doubles at both ends has no double.
    this.#range = maximum / 2 - minimum / 2;
  }

  write(column: Column | undefined, out: Float64Array, offset: number, stride: number): void {
    const values = column === undefined || isCoded(column) ? null : column.values;
    for (let row = 0; row * stride < out.length; row++) {
      out[row * stride + offset] = values === null ? Number.NaN : this.#place(values[row]!);
    }
  }

  #place(value: number): number {
    if (!Number.isFinite(value)) return Number.NaN;
    if (this.#range > 0) return (value / 2 - this.#minimum / 2) / this.#range;
    // The training rows know one value, or none: its own size is then the measure, so that a touch on it hides no copy.
    const only = Number.isFinite(this.#minimum) ? this.#minimum : 0;
    return only === 0 ? value : value / only - 1;
  }
}
