import { z } from 'zod';
import { MARGINAL_FAMILIES } from '../../core/plugin-api/index.js';

export const gaussianCopulaConfig = z.strictObject({
  marginals: z
    .array(z.enum(MARGINAL_FAMILIES))
    .min(1)
    .default(['empirical'])
    .describe(
      'Candidate distributions of numeric and datetime columns; for each column the one nearest to its rows by the Kolmogorov-Smirnov distance is taken.',
    ),
  quantile_bins: z
    .int()
    .min(2)
    .max(10_000)
    .default(500)
    .describe('Most stretches that the empirical distribution of a numeric column is cut into.'),
  smallest_group: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe(
      'Numbers and dates that fewer rows hold are not given back as they are, but drawn from a stretch shared by at least so many rows.',
    ),
  rare_category_rows: z
    .int()
    .min(1)
    .max(10_000)
    .default(2)
    .describe('Categories that fewer rows hold are never generated. 1 keeps every category.'),
  category_order: z
    .enum(['association', 'frequency'])
    .default('association')
    .describe(
      'Order in which the categories of a column lie along its normal variable: by their association with the other columns, which keeps relations best, or by frequency.',
    ),
  maximum_rows: z
    .int()
    .min(100)
    .max(100_000_000)
    .default(1_000_000)
    .describe(
      'Most rows that are learned from; of a longer table a uniform sample is drawn. Never more than 2^26 cells are held in memory.',
    ),
});
