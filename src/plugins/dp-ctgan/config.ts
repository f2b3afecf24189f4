import { z } from 'zod';
import { encodingShareKey, privacyConfigKeys } from '../../core/plugin-api/index.js';

const widths = (description: string, standard: number[]) =>
  z.array(z.int().min(1).max(1024)).min(1).max(4).default(standard).describe(description);
const learningRate = (network: string, standard: number) =>
  z.number().positive().max(1).default(standard).describe(`Adam's learning rate for the ${network}`);

export const dpCtganConfig = z.strictObject({
  ...privacyConfigKeys,
  encoding_share: encodingShareKey(0.4),
  steps: z.int().min(1).max(100_000).default(400).describe('training steps; each reads one batch of real rows'),
  sampling_rate: z
    .number()
    .min(1e-4)
    .max(1)
    .default(0.06)
    .describe('probability of each row, on its own, to be in a batch of real rows'),
  clip_norm: z.number().positive().max(1000).default(1).describe('largest norm of the gradient of one row'),
  batch_size: z.int().min(10).max(10_000).default(500).describe('generated rows in a step; they cost no privacy'),
  generator_steps: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("the generator's steps after each of the critic's; they cost no privacy"),
  embedding_dim: z.int().min(1).max(1024).default(64).describe("length of the generator's noise vector"),
  generator_dim: widths("widths of the generator's hidden layers", [128, 128]),
  discriminator_dim: widths("widths of the critic's hidden layers", [32]),
  generator_lr: learningRate('generator', 5e-4),
  discriminator_lr: learningRate('critic', 1e-2),
});

export type DpCtganConfig = z.output<typeof dpCtganConfig>;
