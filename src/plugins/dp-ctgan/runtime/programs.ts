import type { Compute, ProgramSet, Shape } from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';
import { adamStep } from './adam.js';
import { clippedGradientSum, generatedGradient } from './clipped-gradient.js';
import { criticForward, criticSizes } from './critic.js';
import {
  drawnCodes,
  generatorLogits,
  generatorSizes,
  meanProbabilities,
  oneHotRows,
  perturb,
  toNormal,
} from './generator.js';
import { layersOf, parameterCount, SCALAR, type LayerSizes, type Tensor } from './tensors.js';

/** Sizes that all programs share. */
export interface Networks {
  /** Numbers of codes, by column. */
  readonly codes: readonly number[];
  readonly width: number;
  readonly noise: number;
  readonly generator: LayerSizes;
  readonly critic: LayerSizes;
}

export function networksOf(codes: readonly number[], config: DpCtganConfig): Networks {
  const width = codes.reduce((sum, count) => sum + count, 0);
  return {
    codes,
    width,
    noise: config.embedding_dim,
    generator: generatorSizes(config.embedding_dim, config.generator_dim, width),
    critic: criticSizes(width, config.discriminator_dim),
  };
}

/** Uniform numbers of one generated row: two for each normal one, one for each code. */
export function uniformsPerRow({ noise, width }: Networks): number {
  return 2 * noise + width;
}

/** Real rows that one run of `realGradient` takes. */
export const CHUNK_ROWS = 1024;

export type TrainingEntry = 'realGradient' | 'update';

/**
 * `realGradient` is the only program that is given real rows, and its only output is the clipped sum, to which noise is added
 * before anything else sees it. `update` moves the critic along noisy and generated gradients, then the generator.
 */
export function compileTraining(
  compute: Compute,
  networks: Networks,
  config: DpCtganConfig,
): Promise<ProgramSet<TrainingEntry>> {
  const { tf } = compute;
  const { width, codes } = networks;
  const vectors = (name: string, sizes: LayerSizes): Record<string, Shape> => {
    const length = parameterCount(sizes);
    return { [name]: [length], [`${name}.first`]: [length], [`${name}.second`]: [length] };
  };
  return compute.compileSet({
    state: { ...vectors('generator', networks.generator), ...vectors('critic', networks.critic) },
    entries: {
      realGradient: {
        inputs: { rows: [CHUNK_ROWS, width], mask: [CHUNK_ROWS, 1] },
        step: (state, { rows, mask }) => {
          const critic = layersOf(tf, state['critic']!, networks.critic);
          return { outputs: { sum: clippedGradientSum(tf, critic, rows!, mask!, config.clip_norm) } };
        },
      },
      update: {
        inputs: {
          gradient: [parameterCount(networks.critic)],
          uniforms: [config.batch_size, uniformsPerRow(networks)],
          criticRate: SCALAR,
          generatorRate: SCALAR,
          corrections: [2],
          frequencies: [1, width],
        },
        step: (state, inputs) => {
          const [forNoise, forCodes] = tf.split(inputs['uniforms']!, [2 * networks.noise, width], 1);
          const noise = toNormal(tf, forNoise!);
          const logitsOf = (parameters: Tensor): Tensor => {
            return generatorLogits(tf, layersOf(tf, parameters, networks.generator), noise);
          };
          const rowsOf = (logits: Tensor): Tensor => oneHotRows(tf, perturb(tf, logits, forCodes!), codes);
          const adamOf = (name: string) => ({
            parameters: state[name]!,
            first: state[`${name}.first`]!,
            second: state[`${name}.second`]!,
          });
          const generated = rowsOf(logitsOf(state['generator']!));
          const critic = layersOf(tf, state['critic']!, networks.critic);
          const gradient = tf.add(inputs['gradient']!, generatedGradient(tf, critic, generated));
          const nextCritic = adamStep(tf, adamOf('critic'), gradient, inputs['criticRate']!, inputs['corrections']!);
          const judge = layersOf(tf, nextCritic.parameters, networks.critic);
          // The non-saturating loss, −ln(probability that a generated row is real), and the cross-entropy of the noisy frequencies.
          const { value, grad } = tf.valueAndGrad((parameters: Tensor) => {
            const logits = logitsOf(parameters);
            const judged = criticForward(tf, judge, rowsOf(logits)).logits;
            const frequencies = tf.log(tf.add(meanProbabilities(tf, logits, codes), 1e-6));
            const mismatch = tf.neg(tf.sum(tf.mul(inputs['frequencies']!, frequencies)));
            return tf.add(tf.mean(tf.softplus(tf.neg(judged))), tf.mul(mismatch, (globalThis as any).EXP?.marg ?? 1));
          })(state['generator']!);
          const nextGenerator = adamStep(
            tf,
            adamOf('generator'),
            grad,
            inputs['generatorRate']!,
            inputs['corrections']!,
          );
          return {
            state: {
              generator: nextGenerator.parameters,
              'generator.first': nextGenerator.first,
              'generator.second': nextGenerator.second,
              critic: nextCritic.parameters,
              'critic.first': nextCritic.first,
              'critic.second': nextCritic.second,
            },
            outputs: { generatorLoss: value },
          };
        },
      },
    },
  });
}

/** Rows that one run of the sampling program makes. */
export const SAMPLE_ROWS = 1024;

export function compileSampling(compute: Compute, networks: Networks): Promise<ProgramSet<'codes'>> {
  const { tf } = compute;
  return compute.compileSet({
    state: { generator: [parameterCount(networks.generator)] },
    entries: {
      codes: {
        inputs: { uniforms: [SAMPLE_ROWS, uniformsPerRow(networks)] },
        step: (state, { uniforms }) => {
          const [forNoise, forCodes] = tf.split(uniforms!, [2 * networks.noise, networks.width], 1);
          const layers = layersOf(tf, state['generator']!, networks.generator);
          const logits = generatorLogits(tf, layers, toNormal(tf, forNoise!));
          return { outputs: { codes: drawnCodes(tf, perturb(tf, logits, forCodes!), networks.codes) } };
        },
      },
    },
  });
}
