import { z } from 'zod';

export const privacyConfig = z.strictObject({
  distance_rows: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(3000)
    .describe(
      'Most synthetic (and held-out) rows whose nearest records are looked for, drawn by the seed; the search is always among all rows.',
    ),
  distance_cells: z
    .int()
    .min(1000)
    .max(1_000_000_000)
    .default(200_000)
    .describe('Most cells of the rows whose nearest records are looked for: of a wide table, fewer rows are drawn.'),
  attacks: z
    .int()
    .min(10)
    .max(100_000)
    .default(500)
    .describe('Most people attacked, in training and among the held-out rows, by each attack.'),
  copy_ratio: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'A synthetic row counts as a near match of its nearest record when the next other record is further away by more than one over this.',
    ),
  singling_out_columns: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('Columns that each query of the multivariate singling-out attack combines.'),
  inference_tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Relative error up to which a guessed number counts as right in the inference attack.'),
  known_columns: z
    .array(z.string())
    .max(20)
    .default([])
    .describe(
      'What the attacker knows in the disclosure attack; by default up to the first five of the columns that are not sensitive.',
    ),
  disclosure_bins: z
    .int()
    .min(2)
    .max(1000)
    .default(10)
    .describe('Intervals of equal width into which the disclosure attack cuts numbers and dates.'),
  maximum_cells: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(8_000_000)
    .describe('Most cells of a table held in memory; of a larger table, rows are drawn by the seed.'),
});

export type PrivacyConfig = z.output<typeof privacyConfig>;
