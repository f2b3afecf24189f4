import { describe, expect, it } from 'vitest';
import {
  accuracy,
  type Classifier,
  f1ByClass,
  fitBoostedClassifier,
  fitBoostedRegressor,
  fitLinearRegression,
  fitLogisticRegression,
  fitTreeClassifier,
  fitTreeRegressor,
  macroAuc,
  mostProbable,
  type Regressor,
  rootMeanSquaredError,
  rSquared,
} from '../../src/core/plugin-api/index.js';
import { expectedScores, learningCase, type LearningTable, withoutCategories } from '../support/learning-tables.js';

const context = { seed: 1, async tick() {} };
const expected = expectedScores();
// What scikit-learn was told to do: all trees, no early end.
const ALL_TREES = { earlyStoppingAbove: null };

const CLASSES: readonly (readonly [LearningTable, string, number])[] = [
  ['adult', 'income', 2],
  ['clinic', 'smoker', 2],
  ['sensors', 'state', 3],
];
const NUMBERS: readonly (readonly [LearningTable, string])[] = [
  ['adult', 'hours-per-week'],
  ['clinic', 'cost'],
  ['sensors', 'temperature'],
];

describe.each(CLASSES)('classes of %s by %s agree with scikit-learn', (name, target, classCount) => {
  const { training, test, trainingTarget, testTarget } = learningCase(name, target);
  const labels = Int32Array.from(trainingTarget);
  const truth = Int32Array.from(testTarget);
  const peer = expected[`${name}.${target}`]!.scores;

  function agree(model: string, classifier: Classifier, table = test, tolerance = 0.01): void {
    const probabilities = classifier.probabilities(table);
    const predicted = mostProbable(probabilities, classCount);
    const f1 = f1ByClass(predicted, truth, classCount);
    const scores = {
      roc_auc: macroAuc(probabilities, truth, classCount)!,
      accuracy: accuracy(predicted, truth),
      f1_macro: f1.reduce((sum, value) => sum + value, 0) / classCount,
    };
    expect(Math.abs(scores.roc_auc - peer[model]!.roc_auc!), `AUC ${scores.roc_auc}`).toBeLessThan(tolerance);
    expect(Math.abs(scores.accuracy - peer[model]!.accuracy!), `accuracy ${scores.accuracy}`).toBeLessThan(
      2 * tolerance,
    );
    expect(Math.abs(scores.f1_macro - peer[model]!.f1_macro!), `F1 ${scores.f1_macro}`).toBeLessThan(2 * tolerance);
  }

  it('with boosted trees', async () => {
    agree('boosted_trees', await fitBoostedClassifier(training, labels, classCount, context, ALL_TREES));
  });

  it('with logistic regression', async () => {
    agree('linear', await fitLogisticRegression(training, labels, classCount, context));
  });

  it('with a decision tree', async () => {
    const tree = await fitTreeClassifier(withoutCategories(training), labels, classCount, context);
    agree('decision_tree', tree, withoutCategories(test));
  });
});

describe.each(NUMBERS)('numbers of %s by %s agree with scikit-learn', (name, target) => {
  const { training, test, trainingTarget, testTarget } = learningCase(name, target);
  const peer = expected[`${name}.${target}`]!.scores;

  function agree(model: string, regressor: Regressor, table = test, tolerance = 0.01): void {
    const predicted = regressor.predict(table);
    const error = rootMeanSquaredError(predicted, testTarget);
    const explained = rSquared(predicted, testTarget)!;
    expect(error / peer[model]!.rmse!, `RMSE ${error}`).toBeLessThan(1.01);
    expect(Math.abs(explained - peer[model]!.r_squared!), `R² ${explained}`).toBeLessThan(tolerance);
  }

  it('with boosted trees', async () => {
    agree('boosted_trees', await fitBoostedRegressor(training, trainingTarget, context, ALL_TREES));
  });

  it('with linear regression', async () => {
    agree('linear', await fitLinearRegression(training, trainingTarget, context));
  });

  it('with a decision tree', async () => {
    const tree = await fitTreeRegressor(withoutCategories(training), trainingTarget, context);
    // Cuts are at 255 quantiles here, anywhere there: of a thousand rows of noise the trees differ by a little more.
    agree('decision_tree', tree, withoutCategories(test), 0.02);
  });
});
