import type { FeatureTable } from '../features.js';
import { checkLabels, checkRows, type Classifier, type LearningContext, type Regressor } from '../model.js';
import { boost, type TreeEnsemble } from './boost.js';
import { BOOSTING_DEFAULTS, type BoostingOptions } from './boosting-options.js';
import { binaryLogLoss, multinomialLogLoss, sigmoid, softmaxRows, squaredError } from './losses.js';

/**
 * A classifier of gradient-boosted trees on histograms. Missing values and categories are dealt with as they are; of
 * categories never trained on, the row goes where missing ones go. The same seed gives the same model.
 * @param labels classes 0 … classCount − 1.
 */
export async function fitBoostedClassifier(
  table: FeatureTable,
  labels: Int32Array,
  classCount: number,
  context: LearningContext,
  options: Partial<BoostingOptions> = {},
): Promise<Classifier> {
  checkLabels(table, labels, classCount);
  const loss = classCount === 2 ? binaryLogLoss(labels) : multinomialLogLoss(labels, classCount);
  const ensemble = await boost(table, loss, labels, { ...BOOSTING_DEFAULTS, ...options }, context);
  return { classCount, probabilities: (rows) => toProbabilities(ensemble, rows, classCount) };
}

function toProbabilities(ensemble: TreeEnsemble, rows: FeatureTable, classCount: number): Float64Array {
  const raw = ensemble.raw(rows);
  if (classCount !== 2) return softmaxRows(raw, classCount);
  const probabilities = new Float64Array(2 * raw.length);
  raw.forEach((score, row) => {
    probabilities[2 * row] = sigmoid(-score);
    probabilities[2 * row + 1] = sigmoid(score);
  });
  return probabilities;
}

/** The same for a number, by squared error. */
export async function fitBoostedRegressor(
  table: FeatureTable,
  target: Float64Array,
  context: LearningContext,
  options: Partial<BoostingOptions> = {},
): Promise<Regressor> {
  checkRows(table, target);
  const ensemble = await boost(table, squaredError(target), null, { ...BOOSTING_DEFAULTS, ...options }, context);
  return { predict: (rows) => ensemble.raw(rows) };
}
