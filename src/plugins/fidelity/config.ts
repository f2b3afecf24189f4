import { z } from 'zod';

export const fidelityConfig = z.strictObject({
  strong_correlation: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'A pair of numeric columns counts as strong when the absolute correlation of its real values is above this.',
    ),
  strong_association: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe("Any other pair of columns counts as strong when Cramér's V of its real values is above this."),
  maximum_pairs: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(5000)
    .describe('Most column pairs compared; a wider table has this many drawn by the seed.'),
  maximum_triples: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2000)
    .describe('Most column triples compared; a wider table has this many drawn by the seed.'),
  maximum_cells: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(20_000_000)
    .describe(
      'Most cells of a table held in memory, at about 11 bytes each; of a larger table, rows are drawn by the seed.',
    ),
  detection_rows: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(6000)
    .describe('Most rows of each table that the detection classifiers see, drawn by the seed.'),
  detection_cells: z
    .int()
    .min(1000)
    .max(1_000_000_000)
    .default(300_000)
    .describe('Most cells of each table that the detection classifiers see: of a wide table, fewer rows are drawn.'),
  features_per_tree: z
    .int()
    .min(1)
    .max(100_000)
    .default(48)
    .describe(
      'Columns among which each of the boosted trees may split; of a wider table, so many are drawn by the seed anew for each tree.',
    ),
  detection_folds: z
    .int()
    .min(2)
    .max(20)
    .default(3)
    .describe(
      'Parts into which the rows are split for detection: each is judged by a classifier that learned from the others.',
    ),
  chart_columns: z
    .int()
    .min(1)
    .max(1000)
    .default(60)
    .describe('Most columns whose distributions are drawn, worst first.'),
});

export type FidelityConfig = z.output<typeof fidelityConfig>;
