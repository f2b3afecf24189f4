import {
  FeatureEncoder,
  type MetricSubject,
  type RunContext,
  unknownScore,
  type WholeTable,
} from '../../../core/plugin-api/index.js';
import type { UtilityConfig } from '../config.js';
import { type ModelName, MODELS, type ScoreName } from '../metrics.js';
import { type LearningSet, learningSet } from './learning-set.js';
import { type PredictionScores, scoreClasses, scoreNumbers } from './score-predictions.js';
import type { Target } from './target.js';
import { trainClassifier, trainRegressor } from './train-models.js';

export interface TargetTables {
  /** The rows that encoders and classes come from. */
  readonly training: WholeTable;
  readonly test: WholeTable;
  /** What each subject's models learn from. */
  readonly learning: ReadonlyMap<MetricSubject, WholeTable>;
}

/** Scores on the test rows, by subject and model. */
export interface TargetScores {
  readonly target: Target;
  readonly learningRows: number;
  readonly testRows: number;
  readonly scores: ReadonlyMap<MetricSubject, Readonly<Record<ModelName, PredictionScores>>>;
}

/** However wide the table is: with fewer, nothing is learned. */
const FEWEST_ROWS = 100;

/** Trains every model on every subject's rows, as many of each as of the others where there are enough. */
export async function predictTarget(
  target: Target,
  { training, test, learning }: TargetTables,
  config: UtilityConfig,
  context: Pick<RunContext, 'seed' | 'tick'>,
  stepDone: () => void,
): Promise<TargetScores> {
  const encoder = new FeatureEncoder(training, new Set([target.name]));
  const testSet = learningSet(test, target, encoder, config.test_rows, context.seed);
  const smallest = Math.min(...[...learning.values()].map(({ rowCount }) => rowCount));
  const affordable = Math.floor(config.training_cells / Math.max(1, training.schema.columns.length));
  const learningRows = Math.min(config.training_rows, Math.max(affordable, FEWEST_ROWS), Math.max(smallest, 1));
  const scores = new Map<MetricSubject, Record<ModelName, PredictionScores>>();
  for (const [subject, table] of learning) {
    const set = learningSet(table, target, encoder, learningRows, context.seed);
    const byModel = {} as Record<ModelName, PredictionScores>;
    for (const model of Object.keys(MODELS) as ModelName[]) {
      byModel[model] = await trainAndTest(model, target, set, testSet, config, context);
      stepDone();
    }
    scores.set(subject, byModel);
  }
  return { target, learningRows, testRows: testSet.target.length, scores };
}

async function trainAndTest(
  model: ModelName,
  target: Target,
  set: LearningSet,
  test: LearningSet,
  config: UtilityConfig,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<PredictionScores> {
  const { name } = target;
  if (test.target.length === 0) return without(target, `No test row has a value of "${name}" that training rows have`);
  if (set.target.length === 0)
    return without(target, `No row to learn from has a value of "${name}" that real rows have`);
  if (set.features.features.length === 0) return without(target, `There is no other column to predict "${name}" from`);
  if (target.task === 'number') {
    const regressor = await trainRegressor(model, set, config, context);
    return scoreNumbers(regressor.predict(test.features), test.target);
  }
  const classCount = target.classes.length;
  const classifier = await trainClassifier(model, set, classCount, config, context);
  return scoreClasses(classifier.probabilities(test.features), test.target, classCount);
}

const SCORES_OF_TASK: Readonly<Record<Target['task'], readonly ScoreName[]>> = {
  classes: ['accuracy', 'f1_macro', 'f1_rare', 'roc_auc'],
  number: ['r_squared', 'relative_rmse'],
};

function without(target: Target, reason: string): PredictionScores {
  return Object.fromEntries(SCORES_OF_TASK[target.task].map((score) => [score, unknownScore(reason)]));
}
