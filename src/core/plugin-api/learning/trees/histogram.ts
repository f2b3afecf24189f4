import { type BinnedTable, MISSING_BIN } from './bin-mapper.js';

/** What each row pulls at: one gradient for each output, and one hessian (null: 1 for every row). */
export interface Pull {
  readonly outputs: number;
  /** Row by row. */
  readonly gradients: Float64Array;
  readonly hessians: Float64Array | null;
}

/** Where the bins of each feature lie in a histogram; its missing bin comes last. */
export interface HistogramLayout {
  readonly starts: readonly number[];
  readonly slots: number;
  /** Numbers of one bin: rows, hessian, then the gradients. */
  readonly stride: number;
}

export function layoutOf({ binCounts }: BinnedTable, outputs: number): HistogramLayout {
  let slots = 0;
  const starts = binCounts.map((count) => {
    const start = slots;
    slots += count + 1;
    return start;
  });
  return { starts, slots, stride: outputs + 2 };
}

/** Adds up rows, hessians and gradients bin by bin, for the rows of one node. */
export class HistogramBuilder {
  readonly #pull: Pull;
  readonly #table: BinnedTable;
  readonly #layout: HistogramLayout;
  readonly #free: Float64Array[] = [];
  // Gathered in the node's order once, so that each feature's loop reads them in sequence.
  readonly #gradients: Float64Array;
  readonly #hessians: Float64Array;

  constructor(table: BinnedTable, layout: HistogramLayout, pull: Pull, rowCount: number) {
    this.#table = table;
    this.#layout = layout;
    this.#pull = pull;
    this.#gradients = new Float64Array(rowCount * pull.outputs);
    this.#hessians = new Float64Array(rowCount).fill(1);
  }

  build(rows: Uint32Array): Float64Array {
    const histogram = this.#take();
    this.#gather(rows);
    for (let feature = 0; feature < this.#layout.starts.length; feature++) {
      if (this.#pull.outputs === 1) this.#addSingle(histogram, feature, rows);
      else this.#addSeveral(histogram, feature, rows);
    }
    return histogram;
  }

  /** The sibling's histogram: the parent's less the other child's, written over the parent's. */
  subtract(parent: Float64Array, child: Float64Array): Float64Array {
    for (let i = 0; i < parent.length; i++) parent[i]! -= child[i]!;
    return parent;
  }

  release(histogram: Float64Array): void {
    this.#free.push(histogram);
  }

  #take(): Float64Array {
    return this.#free.pop()?.fill(0) ?? new Float64Array(this.#layout.slots * this.#layout.stride);
  }

  #gather(rows: Uint32Array): void {
    const { outputs, gradients, hessians } = this.#pull;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      for (let k = 0; k < outputs; k++) this.#gradients[i * outputs + k] = gradients[row * outputs + k]!;
      if (hessians !== null) this.#hessians[i] = hessians[row]!;
    }
  }

  #addSingle(histogram: Float64Array, feature: number, rows: Uint32Array): void {
    const bins = this.#table.bins[feature]!;
    const [base, missing] = this.#span(feature);
    const gradients = this.#gradients;
    const hessians = this.#hessians;
    for (let i = 0; i < rows.length; i++) {
      const bin = bins[rows[i]!]!;
      const slot = bin === MISSING_BIN ? missing : base + bin * 3;
      histogram[slot]! += 1;
      histogram[slot + 1]! += hessians[i]!;
      histogram[slot + 2]! += gradients[i]!;
    }
  }

  #addSeveral(histogram: Float64Array, feature: number, rows: Uint32Array): void {
    const bins = this.#table.bins[feature]!;
    const [base, missing] = this.#span(feature);
    const { stride } = this.#layout;
    const { outputs } = this.#pull;
    for (let i = 0; i < rows.length; i++) {
      const bin = bins[rows[i]!]!;
      const slot = bin === MISSING_BIN ? missing : base + bin * stride;
      histogram[slot]! += 1;
      histogram[slot + 1]! += this.#hessians[i]!;
      for (let k = 0; k < outputs; k++) histogram[slot + 2 + k]! += this.#gradients[i * outputs + k]!;
    }
  }

  #span(feature: number): [base: number, missing: number] {
    const { starts, stride } = this.#layout;
    const base = starts[feature]! * stride;
    return [base, base + this.#table.binCounts[feature]! * stride];
  }
}
