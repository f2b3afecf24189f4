import { CODED_KINDS, type Column, type ColumnKind, isCoded } from '../tables.js';
import type { Feature, FeatureTable } from './features.js';
import { columnNamed, type WholeTable } from './whole-table.js';

/**
 * Turns tables into features, always the way the training table was: the same columns in the same order, the same codes.
 * Numbers, dates and booleans are numbers. A category that training never held gets the code after the last; a column
 * that a table lacks, or has as another kind, is all missing there. Identifiers and free text are left out.
 */
export class FeatureEncoder {
  readonly columnNames: readonly string[];
  readonly #encoders: readonly ColumnEncoder[];

  constructor(training: WholeTable, leftOut: ReadonlySet<string> = new Set()) {
    this.#encoders = training.schema.columns.flatMap(({ name, kind }, index) => {
      if (kind === 'identifier' || kind === 'text' || leftOut.has(name)) return [];
      const column = training.columns[index];
      return [CODED_KINDS.has(kind) ? new CategoryEncoder(name, column) : new NumberEncoder(name, kind)];
    });
    this.columnNames = this.#encoders.map(({ name }) => name);
  }

  encode(table: WholeTable): FeatureTable {
    return { rowCount: table.rowCount, features: this.#encoders.map((encoder) => encoder.encode(table)) };
  }
}

interface ColumnEncoder {
  readonly name: string;
  encode(table: WholeTable): Feature;
}

class NumberEncoder implements ColumnEncoder {
  constructor(
    readonly name: string,
    private readonly kind: ColumnKind,
  ) {}

  encode(table: WholeTable): Feature {
    const column = columnNamed(table, this.name);
    const kind = table.schema.columns.find(({ name }) => name === this.name)?.kind;
    if (column === undefined || isCoded(column) || (kind === 'datetime') !== (this.kind === 'datetime')) {
      return { values: new Float64Array(table.rowCount).fill(Number.NaN) };
    }
    return { values: column.values.map((value) => (Number.isFinite(value) ? value : Number.NaN)) };
  }
}

class CategoryEncoder implements ColumnEncoder {
  readonly #codes: ReadonlyMap<string, number>;

  constructor(
    readonly name: string,
    training: Column | undefined,
  ) {
    const dictionary = training !== undefined && isCoded(training) ? training.dictionary : [];
    this.#codes = new Map(dictionary.map((text, code) => [text, code]));
  }

  encode(table: WholeTable): Feature {
    const column = columnNamed(table, this.name);
    const categoryCount = this.#codes.size + 1;
    if (column === undefined || !isCoded(column)) {
      return { codes: new Int32Array(table.rowCount).fill(-1), categoryCount };
    }
    const translated = column.dictionary.map((text) => this.#codes.get(text) ?? this.#codes.size);
    return { codes: column.codes.map((code) => (code < 0 ? -1 : translated[code]!)), categoryCount };
  }
}
