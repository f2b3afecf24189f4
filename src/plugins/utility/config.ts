import { z } from 'zod';

export const utilityConfig = z.strictObject({
  maximum_targets: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe(
      'Most columns to predict where no target column is named: classes and numbers by turns, last columns first.',
    ),
  training_rows: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(15_000)
    .describe('Most rows that each model learns from, drawn by the seed: the same number of real and synthetic ones.'),
  training_cells: z
    .int()
    .min(1000)
    .max(1_000_000_000)
    .default(1_000_000)
    .describe('Most cells that each model learns from: of a wide table, fewer rows are drawn.'),
  features_per_tree: z
    .int()
    .min(1)
    .max(100_000)
    .default(48)
    .describe(
      'Columns among which each of the boosted trees may split; of a wider table, so many are drawn by the seed anew for each tree.',
    ),
  test_rows: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(20_000)
    .describe('Most held-out rows that the models are tested on, drawn by the seed.'),
  boosting_iterations: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Trees at most of the boosted trees, for each class of more than two.'),
  tree_depth: z.int().min(1).max(30).default(8).describe('Greatest depth of the single decision tree.'),
  maximum_classes: z
    .int()
    .min(2)
    .max(100)
    .default(12)
    .describe('Most classes of a target: rows of rarer ones are left out of its training and test.'),
  maximum_cells: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(20_000_000)
    .describe('Most cells of a table held in memory; of a larger table, rows are drawn by the seed.'),
});

export type UtilityConfig = z.output<typeof utilityConfig>;
