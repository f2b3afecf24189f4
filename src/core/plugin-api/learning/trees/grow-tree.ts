import { type BinnedTable, someFeatures } from './bin-mapper.js';
import { type Split, SplitFinder, type SplitLimits } from './find-split.js';
import { HistogramBuilder, layoutOf, type Pull } from './histogram.js';
import { Tree } from './tree.js';

export interface GrowthLimits extends SplitLimits {
  readonly maximumLeaves: number;
  readonly maximumDepth: number;
}

/** A leaf that may still be split, and its rows: a stretch of the grower's row array. */
interface OpenLeaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly histogram: Float64Array;
  readonly split: Split;
}

/**
 * Grows one tree, always splitting the leaf that gains most (Friedman, "Greedy function approximation", 2001, on
 * histograms as in Ke et al., "LightGBM", 2017: the smaller child is counted, the larger is the difference).
 * @param rows the rows to learn from; reordered, so that each leaf's lie together.
 * @param scale leaf values are −scale · G/(H + λ).
 * @param chosen the features that may split, ascending; null for all.
 */
export function growTree(
  table: BinnedTable,
  pull: Pull,
  rows: Uint32Array,
  limits: GrowthLimits,
  scale: number,
  chosen: Uint32Array | null = null,
): Tree {
  const some = chosen === null ? table : someFeatures(table, chosen);
  return new Grower(some, pull, rows, limits, scale, chosen).grow();
}

class Grower {
  readonly #tree: Tree;
  readonly #builder: HistogramBuilder;
  readonly #finder: SplitFinder;
  readonly #open: OpenLeaf[] = [];
  readonly #scratch: Uint32Array;

  constructor(
    private readonly table: BinnedTable,
    pull: Pull,
    private readonly rows: Uint32Array,
    private readonly limits: GrowthLimits,
    private readonly scale: number,
    /** What the table's features are called in the whole table. */
    private readonly chosen: Uint32Array | null,
  ) {
    const layout = layoutOf(table, pull.outputs);
    this.#tree = new Tree(pull.outputs);
    this.#builder = new HistogramBuilder(table, layout, pull, rows.length);
    this.#finder = new SplitFinder(table, layout, limits);
    this.#scratch = new Uint32Array(rows.length);
  }

  grow(): Tree {
    const root = this.#tree.addLeaf();
    this.#consider(root, 0, this.rows.length, 0, this.#builder.build(this.rows));
    let leaves = 1;
    while (this.#open.length > 0 && leaves < this.limits.maximumLeaves) {
      this.#divide(this.#takeBest());
      leaves++;
    }
    return this.#tree;
  }

  /** Sets the leaf's value, and keeps it open where a split would help. */
  #consider(node: number, start: number, end: number, depth: number, histogram: Float64Array): void {
    const split = this.#finder.find(histogram);
    const total = this.#finder.total;
    const weight = total[1]! + this.limits.l2;
    for (let k = 0; k < this.#tree.outputs; k++) {
      this.#tree.setValue(node, k, weight > 0 ? (-this.scale * total[2 + k]!) / weight : 0);
    }
    if (split === null || depth >= this.limits.maximumDepth) this.#builder.release(histogram);
    else this.#open.push({ node, start, end, depth, histogram, split });
  }

  #takeBest(): OpenLeaf {
    let best = 0;
    for (let i = 1; i < this.#open.length; i++) if (this.#open[i]!.split.gain > this.#open[best]!.split.gain) best = i;
    return this.#open.splice(best, 1)[0]!;
  }

  #divide({ node, start, end, depth, histogram, split }: OpenLeaf): void {
    const middle = this.#partition(start, end, split);
    const feature = this.chosen?.[split.feature] ?? split.feature;
    const { left, right } = this.#tree.split(node, feature, split.leftBins);
    const leftIsSmaller = middle - start <= end - middle;
    const smaller = this.#builder.build(this.rows.subarray(...(leftIsSmaller ? [start, middle] : [middle, end])));
    const larger = this.#builder.subtract(histogram, smaller);
    this.#consider(left, start, middle, depth + 1, leftIsSmaller ? smaller : larger);
    this.#consider(right, middle, end, depth + 1, leftIsSmaller ? larger : smaller);
  }

  /** Brings the rows that go left before the others, each side in its old order; returns where the right side starts. */
  #partition(start: number, end: number, { feature, leftBins }: Split): number {
    const bins = this.table.bins[feature]!;
    const rows = this.rows;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      if (leftBins[bins[row]!] === 1) rows[left++] = row;
      else this.#scratch[right++] = row;
    }
    rows.set(this.#scratch.subarray(0, right), left);
    return left;
  }
}
