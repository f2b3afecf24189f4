import type { GrowthLimits } from './grow-tree.js';

export interface BoostingOptions {
  /** Trees at most, for each output. */
  readonly iterations: number;
  /** What each tree adds is shrunk by this. */
  readonly learningRate: number;
  readonly maximumLeaves: number;
  readonly maximumDepth: number;
  readonly minimumLeafRows: number;
  /** Features that each tree may split by: of more, so many are drawn by the seed, anew for each tree. */
  readonly featuresPerTree: number;
  /** Weight of the squared leaf values. */
  readonly l2: number;
  /** Null: never. Above so many rows, a part of them is set aside and boosting ends when their loss falls no more. */
  readonly earlyStoppingAbove: number | null;
  /** The part set aside, of 1. */
  readonly validationFraction: number;
  /** Iterations without a better validation loss before the end. */
  readonly patience: number;
}

/** Those of scikit-learn's histogram gradient boosting, which has every feature in each tree. */
export const BOOSTING_DEFAULTS: BoostingOptions = {
  iterations: 100,
  learningRate: 0.1,
  maximumLeaves: 31,
  maximumDepth: Number.POSITIVE_INFINITY,
  minimumLeafRows: 20,
  featuresPerTree: Number.POSITIVE_INFINITY,
  l2: 0,
  earlyStoppingAbove: 10_000,
  validationFraction: 0.1,
  patience: 10,
};

export function growthLimits(options: BoostingOptions): GrowthLimits {
  const { maximumLeaves, maximumDepth, minimumLeafRows, l2 } = options;
  return { maximumLeaves, maximumDepth, minimumLeafRows, minimumLeafHessian: 1e-3, l2 };
}
