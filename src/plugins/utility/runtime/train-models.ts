import {
  fitBoostedClassifier,
  fitBoostedRegressor,
  fitLinearRegression,
  fitLogisticRegression,
  fitTreeClassifier,
  fitTreeRegressor,
  type Classifier,
  type LearningContext,
  type Regressor,
} from '../../../core/plugin-api/index.js';
import type { UtilityConfig } from '../config.js';
import type { ModelName } from '../metrics.js';
import type { LearningSet } from './learning-set.js';

type Options = Pick<UtilityConfig, 'boosting_iterations' | 'tree_depth' | 'features_per_tree'>;

const boosting = ({ boosting_iterations, features_per_tree }: Options) => ({
  iterations: boosting_iterations,
  featuresPerTree: features_per_tree,
});

export function trainClassifier(
  model: ModelName,
  { features, target }: LearningSet,
  classCount: number,
  options: Options,
  context: LearningContext,
): Promise<Classifier> {
  const labels = Int32Array.from(target);
  if (model === 'linear') return fitLogisticRegression(features, labels, classCount, context);
  if (model === 'decision_tree') {
    return fitTreeClassifier(features, labels, classCount, context, { maximumDepth: options.tree_depth });
  }
  return fitBoostedClassifier(features, labels, classCount, context, boosting(options));
}

export function trainRegressor(
  model: ModelName,
  { features, target }: LearningSet,
  options: Options,
  context: LearningContext,
): Promise<Regressor> {
  if (model === 'linear') return fitLinearRegression(features, target, context);
  if (model === 'decision_tree') {
    return fitTreeRegressor(features, target, context, { maximumDepth: options.tree_depth });
  }
  return fitBoostedRegressor(features, target, context, boosting(options));
}
