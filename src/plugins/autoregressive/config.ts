import { z } from 'zod';

export const autoregressiveConfig = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(8).describe('How many times each row is seen in training.'),
  minimum_steps: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(250)
    .describe(
      'Fewest steps of training: short tables are seen more often than epochs says. Tables of many columns take half of them.',
    ),
  maximum_steps: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(6000)
    .describe('Most steps of training: long tables are seen fewer times than epochs says, but at least once.'),
  shrinkage: z
    .number()
    .min(0)
    .max(1000)
    .default(20)
    .describe(
      'How much is asked of the rows of a table of fewer than 16,384 before a relation is believed in; 0 believes in all that they show.',
    ),
  batch_size: z.int().min(16).max(16_384).default(512).describe('Rows in a training step; fewer on small tables.'),
  learning_rate: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe("Adam's highest learning rate: reached after a tenth of the steps, zero at the end."),
  hidden_units: z
    .int()
    .min(1)
    .max(512)
    .default(16)
    .describe("Hidden units of each column's own network; fewer on tables of hundreds of columns."),
  given_share: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of training rows in which some cells are given beforehand, so that conditions can be met.'),
  bins: z
    .int()
    .min(2)
    .max(1000)
    .default(100)
    .describe('Most stretches that the numbers of a column are told apart by; fewer on small tables.'),
  category_tokens: z
    .int()
    .min(2)
    .max(20_000)
    .default(2000)
    .describe("A column's most frequent categories that are learned one by one; all others are learned in groups."),
  smallest_group: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('Numbers and dates that fewer rows hold are not given back as they are, but drawn from a stretch.'),
  rare_category_rows: z
    .int()
    .min(1)
    .max(10_000)
    .default(5)
    .describe('Categories that fewer rows hold are never generated. 1 keeps every category.'),
});

export type AutoregressiveConfig = z.output<typeof autoregressiveConfig>;
