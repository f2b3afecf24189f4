import type { MetricDefinition } from '../../core/plugin-api/index.js';

export const MODELS = {
  boosted_trees: 'Boosted trees',
  linear: 'Linear model',
  decision_tree: 'Decision tree',
} as const;

export type ModelName = keyof typeof MODELS;

const SCORES = {
  accuracy: ['accuracy', 'The share of held-out rows whose class is predicted rightly.', [0, 1], 'higher'],
  f1_macro: ['F1, macro', 'The F1 score of each class on held-out rows, averaged over the classes.', [0, 1], 'higher'],
  f1_rare: ['F1 of the rarest class', 'The F1 score of the class that fewest training rows have.', [0, 1], 'higher'],
  roc_auc: [
    'ROC AUC',
    'The area under the ROC curve on held-out rows, averaged over the classes against the rest. 0.5 is guessing.',
    [0, 1],
    'higher',
  ],
  r_squared: [
    'R²',
    'The share of the variance of held-out rows that is explained; 0 is guessing the mean. Below −1 it is shown as −1.',
    [-1, 1],
    'higher',
  ],
  relative_rmse: [
    'RMSE, relative',
    'The root mean squared error on held-out rows, over their standard deviation; 1 is guessing the mean. Above 2 it is shown as 2.',
    [0, 2],
    'lower',
  ],
} as const satisfies Record<string, readonly [string, string, readonly [number, number], 'higher' | 'lower']>;

export type ScoreName = keyof typeof SCORES;
export type UtilityMetric = 'predictive_skill' | 'predictive_ratio' | `${ModelName}_${ScoreName}` | 'column_ratio';

const CONTROLS =
  'As the control of held-out rows stand models that learned from the real training rows: the best that could be hoped for.';

function scoresOf(model: ModelName): MetricDefinition[] {
  return Object.entries(SCORES).map(([score, [title, description, range, better]]) => ({
    id: `${model}_${score}`,
    title: `${MODELS[model]}: ${title}`,
    description,
    scope: 'column',
    range,
    better,
  }));
}

export const UTILITY_METRICS: readonly MetricDefinition[] = [
  {
    id: 'predictive_ratio',
    title: 'Predictive ratio',
    description: `What models that learned from the synthetic rows can predict, over what models that learned from real rows can: the ratio of their skills (2·AUC − 1, or R²), averaged over the targets. 1 is as good as real rows, also where it is better. ${CONTROLS}`,
    scope: 'dataset',
    range: [0, 1],
    better: 'higher',
    headline: true,
  },
  {
    id: 'predictive_skill',
    title: 'Predictive skill',
    description: `How well boosted trees that learned from these rows predict held-out real rows: 2·AUC − 1 of classes, R² of numbers, not below 0, averaged over the targets. 0 is guessing. ${CONTROLS}`,
    scope: 'dataset',
    range: [0, 1],
    better: 'higher',
    headline: true,
  },
  {
    id: 'column_ratio',
    title: 'Predictive ratio of a target',
    description: 'The ratio of skills at predicting this column, by boosted trees.',
    scope: 'column',
    range: [0, 1],
    better: 'higher',
  },
  ...(Object.keys(MODELS) as ModelName[]).flatMap(scoresOf),
];
