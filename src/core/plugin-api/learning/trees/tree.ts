import type { BinnedTable } from './bin-mapper.js';

const BINS = 256;

/** A binary tree over binned features. A node without a feature is a leaf, with one value for each output. */
export class Tree {
  readonly #features: number[] = [];
  readonly #children: number[] = [];
  readonly #leftBins: Uint8Array[] = [];
  readonly #values: number[] = [];

  constructor(readonly outputs: number) {}

  get nodeCount(): number {
    return this.#features.length;
  }

  addLeaf(): number {
    this.#features.push(-1);
    this.#children.push(-1, -1);
    this.#leftBins.push(NO_BINS);
    for (let k = 0; k < this.outputs; k++) this.#values.push(0);
    return this.nodeCount - 1;
  }

  setValue(node: number, output: number, value: number): void {
    this.#values[node * this.outputs + output] = value;
  }

  /** Turns a leaf into a split: rows whose bin has a 1 in `leftBins` go left. */
  split(node: number, feature: number, leftBins: Uint8Array): { left: number; right: number } {
    const left = this.addLeaf();
    const right = this.addLeaf();
    this.#features[node] = feature;
    this.#leftBins[node] = leftBins;
    this.#children[2 * node] = left;
    this.#children[2 * node + 1] = right;
    return { left, right };
  }

  /** `out[row × stride + position + output]` grows by the value of the leaf that the row comes to, for every row. */
  addTo(out: Float64Array, table: BinnedTable, stride: number, position: number): void {
    const { bins, rowCount } = table;
    const [features, children, leftBins] = [this.#features, this.#children, this.#leftBins];
    for (let row = 0; row < rowCount; row++) {
      let node = 0;
      let feature = features[0]!;
      while (feature >= 0) {
        node = children[2 * node + 1 - leftBins[node]![bins[feature]![row]!]!]!;
        feature = features[node]!;
      }
      for (let k = 0; k < this.outputs; k++)
        out[row * stride + position + k]! += this.#values[node * this.outputs + k]!;
    }
  }
}

const NO_BINS = new Uint8Array(0);

export function emptyBins(): Uint8Array {
  return new Uint8Array(BINS);
}
