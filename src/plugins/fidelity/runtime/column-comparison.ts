import {
  type ColumnKind,
  knownScore,
  type MetricSubject,
  type Score,
  unknownScore,
} from '../../../core/plugin-api/index.js';
import { binByInnerEdges, binByOwnEdges, equalWidthEdges, quantileEdges } from './binning.js';
import { ksComplement, labelOverlap } from './column-shape.js';
import type { LabelColumn, NumberColumn, StoredColumn, StoredTable } from './stored-table.js';

export type Codes = Uint8Array | Int32Array;

interface SideBase {
  readonly rowCount: number;
  readonly missingCount: number;
  /** How alike the distribution is to the real one. */
  readonly shape: Score;
  /** Bins on the real edges, or labels in the common dictionary; 0 is missing. */
  readonly codes: Codes;
  /** At most ten bins of about equal shares of the real rows; 0 is missing. */
  readonly tenths: Uint8Array;
}

/** One table's values of a column, in terms that both tables share. */
export type ColumnSide =
  | (SideBase & {
      readonly role: 'number';
      readonly values: Float64Array;
      /** Bins on this table's own edges, as SDMetrics cuts. */
      readonly ownBins: Uint8Array;
    })
  | (SideBase & { readonly role: 'label' });

/** A column that could not be compared, and why. */
export interface AbsentSide {
  readonly role: 'absent';
  readonly reason: string;
}

/** A column of the real table beside the same column of each subject. */
export interface ColumnComparison {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly role: 'number' | 'label';
  readonly real: ColumnSide;
  readonly subjects: ReadonlyMap<MetricSubject, ColumnSide | AbsentSide>;
  /** Codes run from 0 to `codeCount` − 1 in every table. */
  readonly codeCount: number;
  /** Names of codes 1 …, for labels. */
  readonly labels: readonly string[];
}

const BIN_COUNT = 10;
/** Codes of bins by the library's rule run to 11. */
export const OWN_BIN_COUNT = BIN_COUNT + 2;
export const TENTHS_COUNT = BIN_COUNT + 1;

export function compareColumn(
  real: StoredTable,
  index: number,
  subjects: ReadonlyMap<MetricSubject, StoredTable>,
): ColumnComparison | null {
  const schema = real.schema.columns[index]!;
  const column = real.columns[index]!;
  if (column.role === 'key') return null;
  const { name, kind } = schema;
  const terms = column.role === 'number' ? new NumberTerms(name, column) : new LabelTerms(name, column);
  const realSide = terms.express(column as never);
  const sides = new Map<MetricSubject, ColumnSide | AbsentSide>();
  for (const [subject, table] of subjects) {
    const other = columnNamed(table, name);
    const reason = whyIncomparable(subject, name, column, other);
    sides.set(subject, reason === null ? terms.express(other as never) : { role: 'absent', reason });
  }
  const { codeCount, labels } = terms;
  return { name, kind, role: column.role, real: realSide, subjects: sides, codeCount, labels };
}

export function columnNamed(table: StoredTable, name: string): StoredColumn | undefined {
  return table.columns[table.schema.columns.findIndex((column) => column.name === name)];
}

function whyIncomparable(
  subject: MetricSubject,
  name: string,
  real: StoredColumn,
  other: StoredColumn | undefined,
): string | null {
  if (other === undefined) return `The ${subject} rows have no column "${name}"`;
  if (other.role !== real.role) return `Column "${name}" is of another kind in the ${subject} rows`;
  return null;
}

/** Why there is no shape to compare, or null. */
function whyNoShape(name: string, realCount: number, otherCount: number): string | null {
  if (realCount === 0) return `Column "${name}" has no value in the real rows`;
  if (otherCount === 0) return `Column "${name}" has no value in the compared rows`;
  return null;
}

class NumberTerms {
  readonly codeCount = BIN_COUNT + 1;
  readonly labels: readonly string[] = [];
  readonly #name: string;
  readonly #real: NumberColumn;
  readonly #realSorted: Float64Array;
  readonly #innerEdges: Float64Array;
  readonly #tenthEdges: Float64Array;

  constructor(name: string, real: NumberColumn) {
    this.#name = name;
    this.#real = real;
    this.#realSorted = sortedValues(real.values);
    this.#innerEdges = equalWidthEdges(this.#realSorted, BIN_COUNT).subarray(1, BIN_COUNT);
    this.#tenthEdges = quantileEdges(this.#realSorted, BIN_COUNT);
  }

  express({ values }: NumberColumn): ColumnSide {
    // Sorted values live no longer than the terms: kept, they would double the memory of an evaluation.
    const sorted = values === this.#real.values ? this.#realSorted : sortedValues(values);
    const noShape = whyNoShape(this.#name, this.#realSorted.length, sorted.length);
    return {
      role: 'number',
      rowCount: values.length,
      missingCount: values.length - sorted.length,
      shape: noShape === null ? knownScore(ksComplement(this.#realSorted, sorted)) : unknownScore(noShape),
      values,
      codes: binByInnerEdges(values, this.#innerEdges),
      ownBins: binByOwnEdges(values, equalWidthEdges(sorted, BIN_COUNT)),
      tenths: binByInnerEdges(values, this.#tenthEdges),
    };
  }
}

function sortedValues(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  const sorted = present.subarray(0, count);
  sorted.sort();
  return sorted;
}

class LabelTerms {
  readonly labels: string[] = [];
  readonly #name: string;
  readonly #codes = new Map<string, number>();
  readonly #tenths: ReadonlyMap<string, number>;
  readonly #realCounts: Int32Array;

  constructor(name: string, real: LabelColumn) {
    this.#name = name;
    this.#tenths = mostFrequent(real, BIN_COUNT - 1);
    this.#realCounts = countLabels(this.#translate(real), this.codeCount);
  }

  /** Final only when every table has been expressed. */
  get codeCount(): number {
    return this.labels.length + 1;
  }

  express(column: LabelColumn): ColumnSide {
    const codes = this.#translate(column);
    const counts = countLabels(codes, this.codeCount);
    const missingCount = counts[0]!;
    const tenth = Uint8Array.from(['', ...this.labels], (text, code) =>
      code === 0 ? 0 : (this.#tenths.get(text) ?? BIN_COUNT),
    );
    const realCount = this.#realCounts.reduce((sum, count) => sum + count, 0) - this.#realCounts[0]!;
    const noShape = whyNoShape(this.#name, realCount, codes.length - missingCount);
    return {
      role: 'label',
      rowCount: codes.length,
      missingCount,
      shape: noShape === null ? knownScore(labelOverlap(this.#realCounts, counts)) : unknownScore(noShape),
      codes,
      tenths: lookUp(tenth, codes),
    };
  }

  #translate({ codes, dictionary }: LabelColumn): Int32Array {
    const common = Int32Array.from(dictionary, (text) => this.#code(text));
    const translated = new Int32Array(codes.length);
    for (let i = 0; i < codes.length; i++) translated[i] = codes[i]! < 0 ? 0 : common[codes[i]!]!;
    return translated;
  }

  #code(text: string): number {
    const seen = this.#codes.get(text);
    if (seen !== undefined) return seen;
    this.labels.push(text);
    this.#codes.set(text, this.labels.length);
    return this.labels.length;
  }
}

function lookUp(table: Uint8Array, codes: Int32Array): Uint8Array {
  const found = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) found[i] = table[codes[i]!]!;
  return found;
}

function countLabels(codes: Int32Array, codeCount: number): Int32Array {
  const counts = new Int32Array(codeCount);
  for (let i = 0; i < codes.length; i++) counts[codes[i]!]!++;
  return counts;
}

/** Ranks 1 … `count` of the commonest labels; of equally common ones the first by spelling. */
function mostFrequent({ codes, dictionary }: LabelColumn, count: number): ReadonlyMap<string, number> {
  const counts = new Int32Array(dictionary.length);
  for (let i = 0; i < codes.length; i++) if (codes[i]! >= 0) counts[codes[i]!]!++;
  const ranked = [...counts.keys()]
    .filter((code) => counts[code]! > 0)
    .toSorted((a, b) => counts[b]! - counts[a]! || (dictionary[a]! < dictionary[b]! ? -1 : 1));
  return new Map(ranked.slice(0, count).map((code, rank) => [dictionary[code]!, rank + 1]));
}
