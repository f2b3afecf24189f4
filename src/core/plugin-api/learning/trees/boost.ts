import { RandomStream } from '../../random.js';
import { splitRows } from '../row-splits.js';
import type { FeatureTable } from '../features.js';
import type { LearningContext } from '../model.js';
import { BinMapper, type BinnedTable } from './bin-mapper.js';
import { type BoostingOptions, growthLimits } from './boosting-options.js';
import { growTree } from './grow-tree.js';
import type { Loss } from './losses.js';
import type { Tree } from './tree.js';

/** A sum of trees over binned features. */
export class TreeEnsemble {
  constructor(
    private readonly mapper: BinMapper,
    private readonly baseline: Float64Array,
    /** By iteration, one tree for each output. */
    private readonly rounds: readonly (readonly Tree[])[],
  ) {}

  get iterations(): number {
    return this.rounds.length;
  }

  /** Raw scores: row by row, one for each output. */
  raw(table: FeatureTable): Float64Array {
    const binned = this.mapper.apply(table);
    const outputs = this.baseline.length;
    const raw = repeat(this.baseline, table.rowCount);
    for (const trees of this.rounds) trees.forEach((tree, output) => tree.addTo(raw, binned, outputs, output));
    return raw;
  }
}

function repeat(values: Float64Array, times: number): Float64Array {
  const out = new Float64Array(values.length * times);
  for (let i = 0; i < times; i++) out.set(values, i * values.length);
  return out;
}

/**
 * Gradient boosting on histograms.
 * @param strata labels that the rows set aside for early stopping hold in the same shares; null for a plain draw.
 */
export async function boost(
  table: FeatureTable,
  loss: Loss,
  strata: Int32Array | null,
  options: BoostingOptions,
  context: LearningContext,
): Promise<TreeEnsemble> {
  const mapper = new BinMapper(table, context.seed);
  const { training, validation } = setAside(table.rowCount, strata, options, context.seed);
  await context.tick();
  const boosting = new Boosting(mapper.apply(table), loss, training, options, context.seed);
  const watch = validation === null ? null : new LossWatch(loss, validation, options.patience);
  for (let round = 0; round < options.iterations; round++) {
    boosting.addRound();
    await context.tick();
    if (watch?.isOver(boosting.raw, boosting.rounds.length)) break;
  }
  const rounds = watch === null ? boosting.rounds : boosting.rounds.slice(0, watch.bestRound);
  return new TreeEnsemble(mapper, boosting.baseline, rounds);
}

function setAside(rowCount: number, strata: Int32Array | null, options: BoostingOptions, seed: number) {
  const { earlyStoppingAbove, validationFraction } = options;
  if (earlyStoppingAbove === null || rowCount <= earlyStoppingAbove) {
    return { training: Uint32Array.from({ length: rowCount }, (_, row) => row), validation: null };
  }
  const [validation, training] = splitRows(rowCount, validationFraction, seed, 'learning.validation', strata);
  return { training, validation };
}

class Boosting {
  readonly raw: Float64Array;
  readonly baseline: Float64Array;
  readonly rounds: Tree[][] = [];
  readonly #gradients: Float64Array;
  readonly #hessians: Float64Array;
  readonly #order: Uint32Array;
  readonly #features: RandomStream;

  constructor(
    private readonly table: BinnedTable,
    private readonly loss: Loss,
    private readonly training: Uint32Array,
    private readonly options: BoostingOptions,
    seed: number,
  ) {
    this.baseline = loss.baseline(training);
    this.raw = repeat(this.baseline, table.rowCount);
    this.#gradients = new Float64Array(table.rowCount);
    this.#hessians = new Float64Array(table.rowCount);
    this.#order = training.slice();
    this.#features = new RandomStream(seed, 'learning.features');
  }

  addRound(): void {
    const { outputs } = this.loss;
    const trees: Tree[] = [];
    // All trees of a round answer the same scores, so these change only when the last is grown.
    for (let output = 0; output < outputs; output++) trees.push(this.#grow(output));
    trees.forEach((tree, output) => tree.addTo(this.raw, this.table, outputs, output));
    this.rounds.push(trees);
  }

  #grow(output: number): Tree {
    this.loss.derive(this.raw, output, this.training, this.#gradients, this.#hessians);
    this.#order.set(this.training);
    const pull = {
      outputs: 1,
      gradients: this.#gradients,
      hessians: this.loss.hasHessians ? this.#hessians : null,
    };
    const limits = growthLimits(this.options);
    return growTree(this.table, pull, this.#order, limits, this.options.learningRate, this.#drawFeatures());
  }

  #drawFeatures(): Uint32Array | null {
    const all = Uint32Array.from(this.table.bins.keys());
    const { featuresPerTree } = this.options;
    if (all.length <= featuresPerTree) return null;
    return this.#features.shuffle(all).subarray(0, featuresPerTree).toSorted();
  }
}

/** Tells when the loss of the rows set aside has stopped falling. */
class LossWatch {
  bestRound = 0;
  #best = Number.POSITIVE_INFINITY;

  constructor(
    private readonly loss: Loss,
    private readonly rows: Uint32Array,
    private readonly patience: number,
  ) {}

  isOver(raw: Float64Array, round: number): boolean {
    const loss = this.loss.mean(raw, this.rows);
    if (loss < this.#best - 1e-7) {
      this.#best = loss;
      this.bestRound = round;
    }
    return round - this.bestRound >= this.patience;
  }
}
