import { type BinnedTable, MISSING_BIN } from './bin-mapper.js';
import type { HistogramLayout } from './histogram.js';
import { emptyBins } from './tree.js';

export interface SplitLimits {
  readonly minimumLeafRows: number;
  readonly minimumLeafHessian: number;
  readonly l2: number;
}

export interface Split {
  readonly gain: number;
  readonly feature: number;
  /** By bin: 1 where it goes left. */
  readonly leftBins: Uint8Array;
}

/** Numbers up to bin `cut` go left; `missingLeft` null: the node has no missing value. */
interface Cut {
  readonly gain: number;
  readonly feature: number;
  readonly cut: number;
  readonly missingLeft: boolean | null;
}

/** The categories of these bins go left. */
interface Grouping {
  readonly gain: number;
  readonly feature: number;
  readonly bins: readonly number[];
}

/** A category with less hessian than this is never moved by itself: it goes with the rest. */
const LEAST_CATEGORY_SUPPORT = 10;
const LEAST_GAIN = 1e-12;

/**
 * The split of a node that lowers the loss most: Σ G²/(H + λ) of both sides less the node's own (Chen, Guestrin, "XGBoost",
 * 2016). Numbers are cut between bins, with the missing values on the better side; categories are ordered by G/H, where
 * the best subset is a prefix (Fisher, "On grouping for maximum homogeneity", 1958).
 */
export class SplitFinder {
  readonly #table: BinnedTable;
  readonly #layout: HistogramLayout;
  readonly #limits: SplitLimits;
  readonly #outputs: number;
  readonly #total: Float64Array;
  readonly #left: Float64Array;
  #histogram: Float64Array = new Float64Array(0);
  #nodeScore = 0;

  constructor(table: BinnedTable, layout: HistogramLayout, limits: SplitLimits) {
    this.#table = table;
    this.#layout = layout;
    this.#limits = limits;
    this.#outputs = layout.stride - 2;
    this.#total = new Float64Array(layout.stride);
    this.#left = new Float64Array(layout.stride);
  }

  /** Null where no split is allowed or none helps. */
  find(histogram: Float64Array): Split | null {
    this.#histogram = histogram;
    this.#sumNode();
    let best: Cut | Grouping | null = null;
    for (let feature = 0; feature < this.#table.binCounts.length; feature++) {
      const found = this.#table.ordered[feature] ? this.#cutNumbers(feature) : this.#groupCategories(feature);
      if (found !== null && found.gain > (best?.gain ?? LEAST_GAIN)) best = found;
    }
    if (best === null) return null;
    const { gain, feature } = best;
    return { gain, feature, leftBins: 'cut' in best ? this.#numberBins(best) : this.#categoryBins(best) };
  }

  /** Rows, hessian and gradients of the node last looked at. */
  get total(): Float64Array {
    return this.#total;
  }

  #sumNode(): void {
    this.#total.fill(0);
    const last = this.#layout.starts[1] ?? this.#layout.slots;
    for (let bin = 0; bin < last; bin++) this.#addTo(this.#total, bin);
    this.#nodeScore = this.#score(this.#total);
  }

  #addTo(sums: Float64Array, slot: number): void {
    const { stride } = this.#layout;
    const base = slot * stride;
    for (let i = 0; i < stride; i++) sums[i]! += this.#histogram[base + i]!;
  }

  #score(sums: Float64Array): number {
    let squares = 0;
    for (let k = 0; k < this.#outputs; k++) squares += sums[2 + k]! ** 2;
    const weight = sums[1]! + this.#limits.l2;
    return weight > 0 ? squares / weight : 0;
  }

  /** How much better the node is when its left side is as summed so far; 0 where a side is too small. */
  #gain(): number {
    const { minimumLeafRows, minimumLeafHessian, l2 } = this.#limits;
    const left = this.#left;
    const total = this.#total;
    const rows = left[0]!;
    if (rows < minimumLeafRows || total[0]! - rows < minimumLeafRows) return 0;
    const hessian = left[1]!;
    if (hessian < minimumLeafHessian || total[1]! - hessian < minimumLeafHessian) return 0;
    let leftSquares = 0;
    let rightSquares = 0;
    for (let k = 2; k < total.length; k++) {
      leftSquares += left[k]! * left[k]!;
      rightSquares += (total[k]! - left[k]!) * (total[k]! - left[k]!);
    }
    return leftSquares / (hessian + l2) + rightSquares / (total[1]! - hessian + l2) - this.#nodeScore;
  }

  #cutNumbers(feature: number): Cut | null {
    const start = this.#layout.starts[feature]!;
    const binCount = this.#table.binCounts[feature]!;
    const missingSlot = start + binCount;
    const hasMissing = this.#histogram[missingSlot * this.#layout.stride]! > 0;
    let best = 0;
    let cut = -1;
    let missingLeft = false;
    for (const withMissing of hasMissing ? [false, true] : [false]) {
      this.#left.fill(0);
      if (withMissing) this.#addTo(this.#left, missingSlot);
      // With the missing ones left, the last cut sets them alone against nothing: the other pass has it.
      for (let bin = 0; bin < binCount - (hasMissing && !withMissing ? 0 : 1); bin++) {
        this.#addTo(this.#left, start + bin);
        const gain = this.#gain();
        if (gain <= best) continue;
        best = gain;
        cut = bin;
        missingLeft = withMissing;
      }
    }
    return cut < 0 ? null : { gain: best, feature, cut, missingLeft: hasMissing ? missingLeft : null };
  }

  /** A missing value that comes later to a node without any goes with the more rows. */
  #numberBins({ feature, cut, missingLeft }: Cut): Uint8Array {
    const leftBins = emptyBins().fill(1, 0, cut + 1);
    const start = this.#layout.starts[feature]!;
    let goesLeft = missingLeft;
    if (goesLeft === null) {
      let rows = 0;
      for (let bin = 0; bin <= cut; bin++) rows += this.#histogram[(start + bin) * this.#layout.stride]!;
      goesLeft = 2 * rows > this.#total[0]!;
    }
    leftBins[MISSING_BIN] = goesLeft ? 1 : 0;
    return leftBins;
  }

  #groupCategories(feature: number): Grouping | null {
    const start = this.#layout.starts[feature]!;
    const order = this.#orderedCategories(feature);
    if (order.length < 2) return null;
    let best = 0;
    let chosen: readonly number[] = [];
    for (const direction of [order, order.toReversed()]) {
      this.#left.fill(0);
      const half = Math.ceil(direction.length / 2);
      for (let i = 0; i < half; i++) {
        this.#addTo(this.#left, start + direction[i]!);
        const gain = this.#gain();
        if (gain <= best) continue;
        best = gain;
        chosen = direction.slice(0, i + 1);
      }
    }
    return chosen.length === 0 ? null : { gain: best, feature, bins: chosen };
  }

  #categoryBins({ feature, bins }: Grouping): Uint8Array {
    const leftBins = emptyBins();
    const missing = this.#table.binCounts[feature]!;
    for (const bin of bins) leftBins[bin === missing ? MISSING_BIN : bin] = 1;
    return leftBins;
  }

  /** Categories with enough support (the missing one is one more), by how they pull. */
  #orderedCategories(feature: number): number[] {
    const { starts, stride } = this.#layout;
    const start = starts[feature]!;
    const histogram = this.#histogram;
    // Hessians are at most 1/4 for a probability: support counts rows as if each weighed as the average row here.
    const perRow = this.#total[0]! / Math.max(this.#total[1]!, Number.MIN_VALUE);
    const output = this.#widestOutput();
    const pull = (bin: number) => {
      const base = (start + bin) * stride;
      return histogram[base + 2 + output]! / (histogram[base + 1]! + LEAST_CATEGORY_SUPPORT / perRow);
    };
    const bins: number[] = [];
    for (let bin = 0; bin <= this.#table.binCounts[feature]!; bin++) {
      if (histogram[(start + bin) * stride + 1]! * perRow >= LEAST_CATEGORY_SUPPORT) bins.push(bin);
    }
    const pulls = new Map(bins.map((bin) => [bin, pull(bin)]));
    return bins.toSorted((a, b) => pulls.get(a)! - pulls.get(b)! || a - b);
  }

  /** Of several outputs, the one that the node as a whole pulls at most: its order stands for all. */
  #widestOutput(): number {
    let widest = 0;
    for (let k = 1; k < this.#outputs; k++) {
      if (Math.abs(this.#total[2 + k]!) > Math.abs(this.#total[2 + widest]!)) widest = k;
    }
    return widest;
  }
}
