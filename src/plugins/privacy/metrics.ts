import type { MetricDefinition } from '../../core/plugin-api/index.js';

type Options = Partial<Pick<MetricDefinition, 'scope' | 'better' | 'headline'>>;

/** From 0 to 1; of the whole table, and lower is better, unless told otherwise. */
function metric<Id extends string>(id: Id, title: string, description: string, options: Options = {}) {
  return { id, title, description, scope: 'dataset', range: [0, 1], better: 'lower', ...options } as const;
}

const HEADLINE = { headline: true } as const;

export const PRIVACY_METRICS = [
  metric(
    'proven_risk',
    'Proven risk',
    'The worst that is certain: 1 as soon as training rows are surely among the synthetic ones, since each is then wholly disclosed; else the greatest lower end of the 95 % intervals of all attacks below.',
    HEADLINE,
  ),
  metric(
    'copied_share',
    'Copied rows',
    'The share of synthetic rows that all but repeat a training row, beyond those that match a held-out row as closely by chance.',
    HEADLINE,
  ),
  metric(
    'closer_to_training',
    'Nearer to training',
    'The share of synthetic rows whose nearest real record is a training row rather than a held-out one, as if both tables were of one size. 0.5 is ideal; 1 is a copy.',
    HEADLINE,
  ),
  metric(
    'membership_auc',
    'Membership inference',
    'How well an attacker who sees the synthetic rows tells training rows from held-out ones by their distance (area under the ROC curve). 0.5 is a coin flip; 1 is certainty.',
    HEADLINE,
  ),
  metric(
    'singling_out_risk',
    'Singling out',
    'What conditions that fit one synthetic row gain at singling out one training row, over doing so among held-out rows: the worse of one column and of several.',
    HEADLINE,
  ),
  metric(
    'linkability_risk',
    'Linkability',
    'What the synthetic rows gain an attacker who links two halves of the same training row, over linking those of held-out rows.',
    HEADLINE,
  ),
  metric(
    'inference_risk',
    'Inference',
    'What the synthetic rows gain an attacker who guesses one cell of a training row from its others, over guessing for held-out rows: the mean over the attacked columns.',
    HEADLINE,
  ),
  metric(
    'disclosure_risk',
    'Disclosure',
    'What the synthetic rows gain at attributing the right sensitive value to a training row by its known columns (correct attribution probability), over held-out rows: the mean over the sensitive columns.',
    HEADLINE,
  ),
  metric(
    'membership_hits',
    'Membership inference, sure hits',
    'The share of training rows recognised where 1 % of the held-out rows are taken for training ones. 0.01 is guessing.',
  ),
  metric('identical_matches', 'Identical rows', 'The share of rows equal to some training row in every column.'),
  metric(
    'dcr_training_median',
    'Distance to training, median',
    'The median distance from a row to its nearest training row: 0 is equal in all columns, 1 differs utterly in all.',
    { better: 'higher' },
  ),
  metric(
    'dcr_training_5th',
    'Distance to training, 5th percentile',
    'The same for the nearest twentieth of the rows.',
    {
      better: 'higher',
    },
  ),
  metric(
    'dcr_holdout_median',
    'Distance to held-out rows, median',
    'The median distance from a row to its nearest held-out row.',
    { better: 'higher' },
  ),
  metric(
    'dcr_holdout_5th',
    'Distance to held-out rows, 5th percentile',
    'The same for the nearest twentieth of the rows.',
    { better: 'higher' },
  ),
  metric(
    'nndr_median',
    'Nearest-neighbour distance ratio, median',
    'The distance to the nearest training row over that to the second nearest: near 0, a row belongs to one person; near 1, to a crowd.',
    { better: 'higher' },
  ),
  metric(
    'nndr_5th',
    'Nearest-neighbour distance ratio, 5th percentile',
    'The same for the rows that belong most to one person.',
    { better: 'higher' },
  ),
  metric(
    'singling_out_univariate',
    'Singling out, one column',
    'Singling out by a value of one column that only one synthetic row has.',
  ),
  metric(
    'singling_out_multivariate',
    'Singling out, several columns',
    'Singling out by conditions on several columns that only one synthetic row meets.',
  ),
  metric(
    'column_inference_risk',
    'Inference of a column',
    'What the synthetic rows gain at guessing this column of a training row from all others, over guessing it for held-out rows.',
    { scope: 'column' },
  ),
  metric(
    'column_disclosure_risk',
    'Disclosure of a column',
    'The gain in the correct attribution probability of this column, of training rows over held-out rows.',
    { scope: 'column' },
  ),
  metric(
    'column_disclosure_protection',
    'Disclosure protection of a column (SDMetrics)',
    "One minus the correct attribution probability, over the same of a uniform guess, at most 1: SDMetrics' rule, without a control.",
    { scope: 'column', better: 'higher' },
  ),
] satisfies readonly MetricDefinition[];

export type PrivacyMetric = (typeof PRIVACY_METRICS)[number]['id'];
