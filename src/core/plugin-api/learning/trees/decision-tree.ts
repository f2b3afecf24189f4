import type { FeatureTable } from '../features.js';
import { checkLabels, checkRows, type Classifier, type LearningContext, type Regressor } from '../model.js';
import { BinMapper } from './bin-mapper.js';
import { growTree, type GrowthLimits } from './grow-tree.js';
import type { Tree } from './tree.js';

export interface DecisionTreeOptions {
  readonly maximumDepth: number;
  readonly maximumLeaves: number;
  readonly minimumLeafRows: number;
}

export const DECISION_TREE_DEFAULTS: DecisionTreeOptions = {
  maximumDepth: 8,
  maximumLeaves: 256,
  minimumLeafRows: 20,
};

/**
 * One tree, split by Gini's impurity (Breiman et al., "Classification and regression trees", 1984): the squared error of
 * the classes as numbers 0 and 1 is the same measure. Numbers are cut at 255 quantiles at most.
 */
export async function fitTreeClassifier(
  table: FeatureTable,
  labels: Int32Array,
  classCount: number,
  context: LearningContext,
  options: Partial<DecisionTreeOptions> = {},
): Promise<Classifier> {
  checkLabels(table, labels, classCount);
  const gradients = new Float64Array(table.rowCount * classCount);
  labels.forEach((label, row) => (gradients[row * classCount + label] = -1));
  const tree = await grow(table, gradients, classCount, options, context);
  return { classCount, probabilities: (rows) => tree.predict(rows) };
}

/** The same for a number, split by variance. */
export async function fitTreeRegressor(
  table: FeatureTable,
  target: Float64Array,
  context: LearningContext,
  options: Partial<DecisionTreeOptions> = {},
): Promise<Regressor> {
  checkRows(table, target);
  const mean = target.reduce((sum, value) => sum + value / target.length, 0);
  const tree = await grow(
    table,
    target.map((value) => mean - value),
    1,
    options,
    context,
  );
  return { predict: (rows) => tree.predict(rows).map((value) => value + mean) };
}

async function grow(
  table: FeatureTable,
  gradients: Float64Array,
  outputs: number,
  options: Partial<DecisionTreeOptions>,
  context: LearningContext,
): Promise<BinnedTree> {
  const mapper = new BinMapper(table, context.seed);
  const limits: GrowthLimits = { ...DECISION_TREE_DEFAULTS, ...options, minimumLeafHessian: 0, l2: 0 };
  const rows = Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  await context.tick();
  const tree = growTree(mapper.apply(table), { outputs, gradients, hessians: null }, rows, limits, 1);
  await context.tick();
  return new BinnedTree(mapper, tree);
}

class BinnedTree {
  constructor(
    private readonly mapper: BinMapper,
    private readonly tree: Tree,
  ) {}

  predict(table: FeatureTable): Float64Array {
    const out = new Float64Array(table.rowCount * this.tree.outputs);
    this.tree.addTo(out, this.mapper.apply(table), this.tree.outputs, 0);
    return out;
  }
}
