import { z } from 'zod';

/** Config keys of a generator that reads its rows by {@link preparePrivately}: spread them into its schema. */
export const privacyConfigKeys = {
  epsilon: z
    .number()
    .min(0.01)
    .max(100)
    .default(1)
    .describe('privacy budget for everything that reads the rows; smaller is more private'),
  delta: z
    .number()
    .positive()
    .max(0.01)
    .nullable()
    .default(null)
    .describe(
      'probability that the promise of epsilon fails; null: 1/(n·√n) for the declared or noisy number of rows n',
    ),
  row_count: z
    .int()
    .min(1)
    .max(1e9)
    .nullable()
    .default(null)
    .describe('number of rows, if it is no secret; null: it is counted with noise'),
  bins: z.int().min(2).max(256).default(32).describe('about how many stretches a numeric column is cut into'),
};

/** The share of epsilon that goes to the encoding. */
export function encodingShareKey(standard: number) {
  return z
    .number()
    .min(0.05)
    .max(0.9)
    .default(standard)
    .describe('share of epsilon for finding row count, bounds, categories and their frequencies');
}

export interface PrivacyConfig {
  readonly epsilon: number;
  readonly delta: number | null;
  readonly row_count: number | null;
  readonly bins: number;
  readonly encoding_share: number;
}
