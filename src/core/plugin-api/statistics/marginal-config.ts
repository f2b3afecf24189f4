import { z } from 'zod';
import { MARGINAL_FAMILIES } from './choose-quantiles.js';
import type { MarginalOptions } from './column-marginal.js';

/** Config keys of a generator that learns marginals with {@link fitColumnMarginal}: spread them into its schema. */
export const marginalConfigKeys = {
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
  maximum_rows: z
    .int()
    .min(100)
    .max(100_000_000)
    .default(1_000_000)
    .describe(
      'Most rows that are learned from; of a longer table a uniform sample is drawn. Never more than 2^26 cells are held in memory.',
    ),
};

const MOST_CELLS = 2 ** 26;

interface MarginalConfig {
  readonly marginals: MarginalOptions['families'];
  readonly quantile_bins: number;
  readonly smallest_group: number;
  readonly rare_category_rows: number;
  readonly maximum_rows: number;
}

export function marginalOptions(config: MarginalConfig): MarginalOptions {
  return {
    families: config.marginals,
    bins: config.quantile_bins,
    smallestGroup: config.smallest_group,
    rareCategoryRows: config.rare_category_rows,
  };
}

/** The most rows to hold of a table of so many columns. */
export function rowsToHold({ maximum_rows }: MarginalConfig, columns: number): number {
  return Math.min(maximum_rows, Math.floor(MOST_CELLS / Math.max(1, columns)));
}
