import {
  assignFolds,
  aucInterval,
  type Classifier,
  type FeatureTable,
  fitBoostedClassifier,
  fitLogisticRegression,
  knownScore,
  type LearningContext,
  rocAuc,
  rowsWhere,
  type Score,
  takeRows,
  unknownScore,
} from '../../../../core/plugin-api/index.js';
import type { FidelityConfig } from '../../config.js';
import type { StoredTable } from '../stored-table.js';
import { type LabelledRows, labelRows } from './labelled-rows.js';

export interface Detection {
  /** Mean over the folds of the area under the ROC curve. */
  readonly treesAuc: Score;
  readonly logisticAuc: Score;
  /** Of each row drawn, by the trees that have not seen it: how likely it is not real. */
  readonly suspicion: Float64Array;
  readonly labels: Int32Array;
}

export interface DetectionOptions {
  readonly rows: number;
  readonly folds: number;
  readonly featuresPerTree: number;
}

/** Of a wide table fewer rows are drawn, so that the cells stay within their limit: never fewer than there are folds. */
export function detectionOptions(config: FidelityConfig, columnCount: number): DetectionOptions {
  const { detection_rows, detection_cells, detection_folds, features_per_tree } = config;
  const affordable = Math.floor(detection_cells / Math.max(1, columnCount));
  const rows = Math.max(detection_folds, Math.min(detection_rows, affordable));
  return { rows, folds: detection_folds, featuresPerTree: features_per_tree };
}

type Fit = (
  table: FeatureTable,
  labels: Int32Array,
  classCount: number,
  context: LearningContext,
) => Promise<Classifier>;

/** How well classifiers that learn from one part of the rows tell the real from the others in the rest. */
export async function detectRows(
  real: StoredTable,
  other: StoredTable,
  { rows, folds, featuresPerTree }: DetectionOptions,
  context: LearningContext,
): Promise<Detection> {
  const labelled = labelRows(real, other, rows, context.seed);
  const each = labelled.labels.length / 2;
  const reason =
    each < folds
      ? `Too few rows to be split into ${folds} folds`
      : labelled.features.features.length === 0
        ? 'No column can be compared'
        : null;
  if (reason !== null) {
    const none = unknownScore(reason);
    return { treesAuc: none, logisticAuc: none, suspicion: new Float64Array(0), labels: new Int32Array(0) };
  }
  const fitTrees: Fit = (...given) => fitBoostedClassifier(...given, { featuresPerTree });
  const trees = await crossValidate(fitTrees, labelled, folds, context);
  const logistic = await crossValidate(fitLogisticRegression, labelled, folds, context);
  return {
    treesAuc: trees.auc,
    logisticAuc: logistic.auc,
    suspicion: trees.suspicion,
    labels: labelled.labels,
  };
}

async function crossValidate(fit: Fit, { features, labels }: LabelledRows, folds: number, context: LearningContext) {
  const foldOf = assignFolds(labels.length, folds, context.seed, 'fidelity.detection.folds', labels);
  const suspicion = new Float64Array(labels.length);
  let sum = 0;
  for (let fold = 0; fold < folds; fold++) {
    const test = rowsWhere(foldOf, fold);
    const training = Uint32Array.from(foldOf.keys()).filter((row) => foldOf[row] !== fold);
    const take = (rows: Uint32Array) => Int32Array.from(rows, (row) => labels[row]!);
    const classifier = await fit(takeRows(features, training), take(training), 2, context);
    const scores = classifier.probabilities(takeRows(features, test)).filter((_, i) => i % 2 === 1);
    test.forEach((row, i) => (suspicion[row] = scores[i]!));
    // Both labels are in every fold, since each has at least as many rows as there are folds.
    sum += rocAuc(scores, take(test))!;
  }
  const auc = sum / folds;
  return { auc: knownScore(auc, aucInterval(auc, labels.length / 2, labels.length / 2)), suspicion };
}

/** Of an AUC as {@link hiddennessOf}, with its interval. */
export function hiddenness({ value, interval, reason }: Score): Score {
  if (value === null) return unknownScore(reason!);
  return knownScore(hiddennessOf(value), interval && [hiddennessOf(interval[1]), hiddennessOf(interval[0])]);
}

/** 1 − (2·AUC − 1), an AUC below ½ counting as ½: 1 is never told apart, 0 always. */
function hiddennessOf(auc: number): number {
  return 1 - (Math.max(0.5, auc) * 2 - 1);
}
