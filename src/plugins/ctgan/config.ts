import { z } from 'zod';

const widths = (description: string) =>
  z.array(z.int().min(1).max(4096)).min(1).max(8).default([256, 256]).describe(description);
const learningRate = (network: string) =>
  z.number().positive().max(1).default(2e-4).describe(`Adam's learning rate for the ${network}`);
const decay = (network: string) =>
  z.number().min(0).max(1).default(1e-6).describe(`weight decay (L2) of the ${network}`);

/** The paper's names and defaults (Xu et al. 2019, arXiv 1907.00503). */
export const ctganConfig = z.strictObject({
  epochs: z.int().min(1).max(100_000).default(300).describe('how many times the number of rows is seen in training'),
  batch_size: z.int().min(1).max(100_000).default(500).describe('rows in a training step; divisible by pac'),
  pac: z.int().min(1).max(1000).default(10).describe('rows that the critic judges together'),
  embedding_dim: z.int().min(1).max(4096).default(128).describe("length of the generator's noise vector"),
  generator_dim: widths("widths of the generator's hidden layers"),
  discriminator_dim: widths("widths of the critic's hidden layers"),
  generator_lr: learningRate('generator'),
  discriminator_lr: learningRate('critic'),
  generator_decay: decay('generator'),
  discriminator_decay: decay('critic'),
  discriminator_steps: z.int().min(1).max(100).default(1).describe('critic updates before each generator update'),
  log_frequency: z
    .boolean()
    .default(true)
    .describe('train on categories by the logarithm of their frequency, so that rare ones are learned too'),
});

export type CtganConfig = z.output<typeof ctganConfig>;
