import type { MetricDefinition } from '../../core/plugin-api/index.js';

function share(
  scope: MetricDefinition['scope'],
  id: string,
  title: string,
  description: string,
  headline = false,
): MetricDefinition {
  return { id, title, description, scope, range: [0, 1], better: 'higher', ...(headline && { headline }) };
}

/** Every score runs from 0 to 1, and 1 is best. */
export const FIDELITY_METRICS = [
  share(
    'dataset',
    'quality',
    'Quality',
    'How alike the rows are: the mean of column shapes and column pair trends, each pair cut at the real edges.',
    true,
  ),
  share(
    'dataset',
    'quality_all_pairs',
    'Quality, all pairs (SDMetrics)',
    'The mean of column shapes and of every column pair, by the rule of SDMetrics before 0.27: each table is cut at its own edges.',
    true,
  ),
  share(
    'dataset',
    'quality_strong_pairs',
    'Quality, strong pairs (SDMetrics)',
    'The same, by the rule of SDMetrics since 0.27: only pairs that are strongly related in the real rows count.',
    true,
  ),
  share(
    'dataset',
    'column_shapes',
    'Column shapes',
    'How alike the distribution of each single column is, on average; missing values are left out.',
    true,
  ),
  share(
    'dataset',
    'pair_trends',
    'Column pair trends',
    "How well the relation of two columns is kept, on average; numbers are cut at the real column's edges.",
    true,
  ),
  share(
    'dataset',
    'pair_trends_all_pairs',
    'Column pair trends, all pairs (SDMetrics)',
    'The same, with each table cut at its own edges, so that a shift of a whole column goes unseen.',
  ),
  share(
    'dataset',
    'pair_trends_strong_pairs',
    'Column pair trends, strong pairs (SDMetrics)',
    'The same, over the pairs that are strongly related in the real rows.',
  ),
  share(
    'dataset',
    'missingness',
    'Missing values',
    'How alike the share of missing cells is, on average over the columns where any is missing.',
  ),
  share(
    'dataset',
    'accuracy',
    'Accuracy',
    'The overlap of ten-bin tables of one, two and three columns: the mean of the three.',
    true,
  ),
  share('dataset', 'accuracy_1_way', 'Accuracy, one column', 'The overlap of ten-bin tables of single columns.'),
  share('dataset', 'accuracy_2_way', 'Accuracy, two columns', 'The overlap of ten-bin tables of two columns.'),
  share('dataset', 'accuracy_3_way', 'Accuracy, three columns', 'The overlap of ten-bin tables of three columns.'),
  share(
    'dataset',
    'detection',
    'Undetectability',
    'How hard gradient-boosted trees find it to tell the rows from real ones: 1 − (2·AUC − 1), cross-validated. 1 is never, 0 is always.',
    true,
  ),
  share(
    'dataset',
    'detection_logistic',
    'Undetectability by logistic regression',
    'The same for logistic regression, which sees single columns alone: independent columns pass it.',
  ),
  share(
    'dataset',
    'diagnostic',
    'Diagnostic',
    'Whether the rows are valid at all: the mean of validity and structure. Anything below 1 is a fault.',
    true,
  ),
  share('dataset', 'validity', 'Validity', 'The share of valid values, on average over the columns.'),
  share(
    'dataset',
    'structure',
    'Structure',
    'The share of columns, among those of either table, that both have with the same kind.',
  ),
  share(
    'column',
    'column_shape',
    'Column shape',
    'One minus the largest gap between the cumulative distributions (numbers, dates), or one minus the total variation distance (categories). Missing values are left out.',
  ),
  share(
    'column',
    'column_missingness',
    'Missing values of a column',
    'One minus the difference between the shares of missing cells.',
  ),
  share(
    'column',
    'column_validity',
    'Validity of a column',
    'The share of values within the real range (numbers, dates), among the real categories, or not seen before (keys).',
  ),
  share(
    'column-pair',
    'pair_trend',
    'Column pair trend',
    "One minus half the difference of correlations (two numbers), or one minus the total variation distance of the tables of counts, with numbers cut at the real column's edges.",
  ),
  share(
    'column-pair',
    'pair_trend_compatible',
    'Column pair trend (SDMetrics)',
    'The same with the numbers of each table cut at their own edges.',
  ),
] as const satisfies readonly MetricDefinition[];

export type FidelityMetric = (typeof FIDELITY_METRICS)[number]['id'];
