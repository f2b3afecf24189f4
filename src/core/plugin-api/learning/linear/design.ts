import { type CategoryFeature, type Feature, type FeatureTable, isCategory, type NumberFeature } from '../features.js';

/**
 * Rows as a linear model reads them, sparsely: numbers standardised by the training rows with a mark of their missing
 * cells, categories one-hot (a missing or unseen one is all zeros), and a constant.
 */
export interface DesignRows {
  readonly rowCount: number;
  readonly width: number;
  /** Entries of row i lie from `starts[i]` up to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: Float64Array;
}

/** One-hot columns of all features together; of wider tables, each keeps its most frequent categories. */
const WIDEST = 1500;
/** A standardised number is cut here, so that one wild value cannot overflow a model. */
const FURTHEST = 1e3;

export class DesignMapper {
  /** Columns of the design, the constant (the last) counted. */
  readonly width: number;
  readonly #parts: readonly Part[];

  constructor({ features }: FeatureTable) {
    const most = Math.max(2, Math.floor(WIDEST / Math.max(1, features.length)));
    let start = 0;
    this.#parts = features.map((feature) => {
      const part = isCategory(feature) ? new OneHot(feature, start, most) : new Standardised(feature, start);
      start += part.width;
      return part;
    });
    this.width = start + 1;
  }

  apply({ rowCount, features }: FeatureTable): DesignRows {
    const starts = new Uint32Array(rowCount + 1);
    // A feature has at most one entry in a row that is not zero; the constant is one more.
    const columns = new Uint16Array(rowCount * (features.length + 1));
    const values = new Float64Array(columns.length);
    let next = 0;
    const put = (column: number, value: number) => {
      columns[next] = column;
      values[next++] = value;
    };
    for (let row = 0; row < rowCount; row++) {
      this.#parts.forEach((part, index) => part.put(features[index]!, row, put));
      put(this.width - 1, 1);
      starts[row + 1] = next;
    }
    return { rowCount, width: this.width, starts, columns, values };
  }
}

interface Part {
  readonly width: number;
  put(feature: Feature, row: number, put: (column: number, value: number) => void): void;
}

class Standardised implements Part {
  readonly width = 2;
  readonly #mean: number;
  readonly #scale: number;

  constructor(
    { values }: NumberFeature,
    private readonly start: number,
  ) {
    const present = values.filter((value) => !Number.isNaN(value));
    const mean = present.reduce((sum, value) => sum + value / present.length, 0);
    // A column at the end of the doubles has no mean that one could compute: it then says nothing.
    this.#mean = Number.isFinite(mean) ? mean : 0;
    const variance = present.reduce((sum, value) => sum + (value - this.#mean) ** 2 / present.length, 0);
    this.#scale = variance > 0 && Number.isFinite(variance) ? 1 / Math.sqrt(variance) : 0;
  }

  put(feature: Feature, row: number, put: (column: number, value: number) => void): void {
    if (isCategory(feature)) throw new TypeError('Trained on numbers, given categories');
    const value = feature.values[row]!;
    if (Number.isNaN(value)) put(this.start + 1, 1);
    else put(this.start, Math.max(-FURTHEST, Math.min(FURTHEST, (value - this.#mean) * this.#scale)));
  }
}

class OneHot implements Part {
  readonly width: number;
  readonly #positions: Int32Array;

  constructor(
    { codes, categoryCount }: CategoryFeature,
    private readonly start: number,
    most: number,
  ) {
    const counts = new Float64Array(categoryCount);
    for (const code of codes) if (code >= 0) counts[code]!++;
    const present = [...counts.keys()].filter((code) => counts[code]! > 0);
    const kept = present.toSorted((a, b) => counts[b]! - counts[a]! || a - b).slice(0, most);
    this.#positions = new Int32Array(categoryCount).fill(-1);
    kept.forEach((code, position) => (this.#positions[code] = position));
    this.width = kept.length;
  }

  put(feature: Feature, row: number, put: (column: number, value: number) => void): void {
    if (!isCategory(feature)) throw new TypeError('Trained on categories, given numbers');
    const position = this.#positions[feature.codes[row]!] ?? -1;
    if (position >= 0) put(this.start + position, 1);
  }
}

/** Weights (one for each column of the design) times a row. */
export function dot({ starts, columns, values }: DesignRows, row: number, weights: Float64Array, offset = 0): number {
  let sum = 0;
  for (let i = starts[row]!; i < starts[row + 1]!; i++) sum += values[i]! * weights[offset + columns[i]!]!;
  return sum;
}
