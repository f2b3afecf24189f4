import type { Compute, EntryPoint, ProgramSet, Shape, Step, TensorMap } from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';
import { adamStep, type AdamState } from './adam.js';
import { clippedGradientSum, generatedGradient } from './clipped-gradient.js';
import { criticForward, criticSizes } from './critic.js';
import { criticFeatures } from './critic-features.js';
import type { ColumnShape } from './column-shape.js';
import {
  drawnCodes,
  generatorLogits,
  generatorSizes,
  meanProbabilities,
  oneHotRows,
  perturb,
  toNormal,
} from './generator.js';
import { layersOf, parameterCount, SCALAR, type LayerSizes, type Tensor, type TensorLibrary } from './tensors.js';

/** Sizes that all programs share. */
export interface Networks {
  readonly columns: readonly ColumnShape[];
  /** Codes of all columns. */
  readonly width: number;
  readonly noise: number;
  readonly generator: LayerSizes;
  readonly critic: LayerSizes;
}

export function networksOf(columns: readonly ColumnShape[], config: DpCtganConfig): Networks {
  const width = columns.reduce((sum, { codes }) => sum + codes, 0);
  return {
    columns,
    width,
    noise: config.embedding_dim,
    generator: generatorSizes(config.embedding_dim, config.generator_dim, width),
    critic: criticSizes(width, config.discriminator_dim),
  };
}

function codeCounts({ columns }: Networks): number[] {
  return columns.map(({ codes }) => codes);
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
  return compute.compileSet({
    state: { ...adamShapes('generator', networks.generator), ...adamShapes('critic', networks.critic) },
    entries: {
      realGradient: realGradientEntry(compute.tf, networks, config),
      update: updateEntry(compute.tf, networks, config),
    },
  });
}

function realGradientEntry(tf: TensorLibrary, networks: Networks, config: DpCtganConfig): EntryPoint {
  return {
    inputs: { rows: [CHUNK_ROWS, networks.width], mask: [CHUNK_ROWS, 1] },
    step: (state, { rows, mask }) => {
      const critic = layersOf(tf, state['critic']!, networks.critic);
      const seen = criticFeatures(tf, rows!, networks.columns);
      return { outputs: { sum: clippedGradientSum(tf, critic, seen, mask!, config.clip_norm) } };
    },
  };
}

/** How much a batch's frequencies weigh beside the critic's judgement; below 1 the critic's noise spoils the marginals. */
const FREQUENCY_WEIGHT = 5;

function updateEntry(tf: TensorLibrary, networks: Networks, config: DpCtganConfig): EntryPoint {
  const { columns, width } = networks;
  const codes = codeCounts(networks);
  const inputs = {
    gradient: [parameterCount(networks.critic)],
    uniforms: [config.batch_size, uniformsPerRow(networks)],
    frequencies: [1, width],
    criticRate: SCALAR,
    generatorRate: SCALAR,
    /** Of the critic's Adam, then of the generator's at each of its steps. */
    corrections: [1 + config.generator_steps, 2],
  };
  const step: Step = (state, feed) => {
    const [forNoise, forCodes] = tf.split(feed['uniforms']!, [2 * networks.noise, width], 1) as [Tensor, Tensor];
    const noise = toNormal(tf, forNoise);
    const logitsOf = (parameters: Tensor) => generatorLogits(tf, layersOf(tf, parameters, networks.generator), noise);
    const seen = (logits: Tensor) => criticFeatures(tf, oneHotRows(tf, perturb(tf, logits, forCodes), codes), columns);
    const [forCritic, ...forGenerator] = tf.unstack(feed['corrections']!) as Tensor[];

    const critic = layersOf(tf, state['critic']!, networks.critic);
    const generated = generatedGradient(tf, critic, seen(logitsOf(state['generator']!)));
    const gradient = tf.add(feed['gradient']!, generated);
    const nextCritic = adamStep(tf, adamState(state, 'critic'), gradient, feed['criticRate']!, forCritic!);

    const judge = layersOf(tf, nextCritic.parameters, networks.critic);
    // The non-saturating loss, −ln(probability that a generated row is real), and the cross-entropy of the noisy frequencies.
    const lossOf = tf.valueAndGrad((parameters: Tensor) => {
      const logits = logitsOf(parameters);
      const judged = tf.mean(tf.softplus(tf.neg(criticForward(tf, judge, seen(logits)).logits)));
      const frequencies = tf.log(tf.add(meanProbabilities(tf, logits, codes), 1e-6));
      const mismatch = tf.neg(tf.sum(tf.mul(feed['frequencies']!, frequencies)));
      return tf.add(judged, tf.mul(mismatch, FREQUENCY_WEIGHT));
    });
    let generator = adamState(state, 'generator');
    let loss: Tensor | undefined;
    for (const corrections of forGenerator) {
      const { value, grad } = lossOf(generator.parameters);
      loss ??= value;
      generator = adamStep(tf, generator, grad, feed['generatorRate']!, corrections);
    }
    return {
      state: { ...named('generator', generator), ...named('critic', nextCritic) },
      outputs: { generatorLoss: loss! },
    };
  };
  return { inputs, step };
}

function adamShapes(name: string, sizes: LayerSizes): Record<string, Shape> {
  const length = parameterCount(sizes);
  return { [name]: [length], [`${name}.first`]: [length], [`${name}.second`]: [length] };
}

function adamState(state: TensorMap, name: string): AdamState {
  return { parameters: state[name]!, first: state[`${name}.first`]!, second: state[`${name}.second`]! };
}

function named(name: string, { parameters, first, second }: AdamState): TensorMap {
  return { [name]: parameters, [`${name}.first`]: first, [`${name}.second`]: second };
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
          return { outputs: { codes: drawnCodes(tf, perturb(tf, logits, forCodes!), codeCounts(networks)) } };
        },
      },
    },
  });
}
