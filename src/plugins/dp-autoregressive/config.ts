import { z } from 'zod';
import { encodingShareKey, privacyConfigKeys } from '../../core/plugin-api/index.js';

export const dpAutoregressiveConfig = z.strictObject({
  ...privacyConfigKeys,
  encoding_share: encodingShareKey(0.55),
  harmonics: z
    .int()
    .min(1)
    .max(32)
    .default(8)
    .describe('waves along a numeric column by which its relations to others are measured'),
  clip_norm: z
    .number()
    .positive()
    .max(10)
    .default(1.5)
    .describe('most that one row counts in the relations, in units of what an average row is expected to'),
  fitting_rows: z
    .int()
    .min(256)
    .max(262_144)
    .default(8192)
    .describe('generated rows that the network is fitted on; they cost no privacy'),
  fitting_steps: z
    .int()
    .min(1)
    .max(10_000)
    .default(60)
    .describe("most steps of a column's fit to the measured relations; they cost no privacy"),
});

export type DpAutoregressiveConfig = z.output<typeof dpAutoregressiveConfig>;
