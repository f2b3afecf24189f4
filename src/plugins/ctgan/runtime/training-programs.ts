import type {
  EntryPoint,
  ProgramSet,
  RunContext,
  Shape,
  Shapes,
  Tensor,
  TensorLibrary,
  TensorMap,
} from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { adam } from './optimiser.js';
import {
  activationSlopes,
  criticShapes,
  criticSize,
  type CriticSize,
  firstLayer,
  gradientPenalty,
  scoreFrom,
} from './critic-network.js';
import {
  activate,
  batchMoments,
  conditionLoss,
  generatorForward,
  generatorShapes,
  generatorSize,
  type GeneratorSize,
} from './generator-network.js';
import type { Layout } from './layout.js';
import { pick } from './tensors.js';

const PENALTY_WEIGHT = 10;

export type TrainingEntry = 'critic' | 'generator' | 'moments';

/** The three steps of training over one state: the critic's, the generator's, and reading a batch's moments. */
export async function compileTraining(
  context: RunContext,
  layout: Layout,
  config: CtganConfig,
): Promise<ProgramSet<TrainingEntry>> {
  const steps = new TrainingSteps(context.compute.tf, layout, config);
  const entries = { critic: steps.critic(), generator: steps.generator(), moments: steps.moments() };
  return context.compute.compileSet({ state: trainingState(layout, config), entries }, () => context.tick());
}

export function trainingState(layout: Layout, config: CtganConfig): Shapes {
  return {
    ...adam.state(generatorShapes(generatorSize(layout, config))),
    ...adam.state(criticShapes(criticSize(layout, config))),
  };
}

class TrainingSteps {
  readonly #generatorSize: GeneratorSize;
  readonly #criticSize: CriticSize;
  readonly #batch: number;
  readonly #packs: number;

  constructor(
    private readonly tf: TensorLibrary,
    private readonly layout: Layout,
    private readonly config: CtganConfig,
  ) {
    this.#generatorSize = generatorSize(layout, config);
    this.#criticSize = criticSize(layout, config);
    this.#batch = config.batch_size;
    this.#packs = config.batch_size / config.pac;
  }

  /** Minimises score(generated) − score(real) + 10 · gradient penalty. */
  critic(): EntryPoint {
    const { tf, layout, config } = this;
    const names = Object.keys(criticShapes(this.#criticSize));
    const masks = this.#maskShapes('mask', 2 * this.#packs);
    const penaltyMasks = this.#maskShapes('penaltymask', this.#packs);
    return {
      inputs: {
        ...this.#generatorInputs(),
        ...this.#packedInput(2 * this.#batch),
        ...adam.inputs,
        ...masks,
        ...penaltyMasks,
        real: [this.#batch, layout.width],
        mix: [this.#packs, 1],
      },
      step: (state, inputs) => {
        const generated = activate(tf, layout, this.#generate(state, inputs), inputs['gumbel']!);
        const rows = tf.concat([inputs['real']!, generated], 0);
        const slopes = this.#mixedSlopes(state, inputs, rows, Object.values(pick(inputs, Object.keys(penaltyMasks))));
        const dropout = Object.values(pick(inputs, Object.keys(masks)));
        const { value, grads } = this.#differentiate(names, state, (weights) => {
          const first = firstLayer(tf, this.#criticSize, weights, rows, inputs['packed']);
          const [real, fake] = tf.split(scoreFrom(tf, weights, first, dropout), 2, 0);
          const distance = tf.sub(tf.mean(fake!), tf.mean(real!));
          return tf.add(distance, tf.mul(gradientPenalty(tf, weights, slopes), PENALTY_WEIGHT));
        });
        return { state: adam.update(tf, state, grads, inputs, config.discriminator_decay), outputs: { loss: value } };
      },
    };
  }

  /** Minimises −score(generated) + the cross-entropy of the conditioned column. */
  generator(): EntryPoint {
    const { tf, layout, config } = this;
    const names = Object.keys(generatorShapes(this.#generatorSize));
    const masks = this.#maskShapes('mask', this.#packs);
    return {
      inputs: { ...this.#generatorInputs(), ...this.#packedInput(this.#batch), ...adam.inputs, ...masks },
      step: (state, inputs) => {
        const dropout = Object.values(pick(inputs, Object.keys(masks)));
        const { value, grads } = this.#differentiate(names, state, (weights) => {
          const raw = this.#generate(weights, inputs);
          const rows = activate(tf, layout, raw, inputs['gumbel']!);
          const first = firstLayer(tf, this.#criticSize, state, rows, inputs['packed']);
          const loss = tf.neg(tf.mean(scoreFrom(tf, state, first, dropout)));
          return layout.conditions > 0 ? tf.add(loss, conditionLoss(tf, layout, raw, inputs['condition']!)) : loss;
        });
        return { state: adam.update(tf, state, grads, inputs, config.generator_decay), outputs: { loss: value } };
      },
    };
  }

  /** The means and variances that batch normalisation finds in one batch, by layer. */
  moments(): EntryPoint {
    const { gumbel: _, ...inputs } = this.#generatorInputs();
    return {
      inputs,
      step: (state, feed) => {
        const outputs: Record<string, Tensor> = {};
        this.#generate(state, feed, (layer, mean, variance) => {
          outputs[`mean${layer}`] = mean;
          outputs[`variance${layer}`] = variance;
        });
        return { outputs };
      },
    };
  }

  #generatorInputs(): Record<string, Shape> {
    const { layout } = this;
    return {
      noise: [this.#batch, this.#generatorSize.noise],
      gumbel: [this.#batch, layout.width - layout.scalars.length],
      ...(layout.conditions > 0 && { condition: [this.#batch] }),
    };
  }

  #packedInput(rows: number): Shapes {
    return this.layout.conditions > 0 ? { packed: [rows] } : {};
  }

  #maskShapes(prefix: string, packs: number): Record<string, Shape> {
    return Object.fromEntries(this.#criticSize.hidden.map((n, layer) => [`${prefix}${layer}`, [packs, n]]));
  }

  #generate(
    weights: TensorMap,
    inputs: TensorMap,
    seeMoments: (layer: number, mean: Tensor, variance: Tensor) => void = () => undefined,
  ): Tensor {
    const { tf } = this;
    const size = this.#generatorSize;
    return generatorForward(tf, size, weights, inputs['noise']!, inputs['condition'], (layer, x) => {
      const moments = batchMoments(tf, x);
      seeMoments(layer, moments.mean, moments.variance);
      return moments;
    });
  }

  /** Activation slopes at points between real and generated packs. The first layer is affine, so it is mixed after it. */
  #mixedSlopes(state: TensorMap, inputs: TensorMap, rows: Tensor, dropout: readonly Tensor[]): Tensor[] {
    const { tf } = this;
    const first = firstLayer(tf, this.#criticSize, state, rows, inputs['packed']);
    const [real, fake] = tf.split(first, 2, 0);
    const mixed = tf.add(fake!, tf.mul(inputs['mix']!, tf.sub(real!, fake!)));
    return activationSlopes(tf, state, mixed, dropout);
  }

  #differentiate(
    names: readonly string[],
    state: TensorMap,
    loss: (weights: TensorMap) => Tensor,
  ): { value: Tensor; grads: Record<string, Tensor> } {
    const { tf } = this;
    const of = tf.valueAndGrads((...values: Tensor[]) =>
      tf.reshape(loss(Object.fromEntries(names.map((name, i) => [name, values[i]!]))), []),
    );
    const { value, grads } = of(names.map((name) => state[name]!));
    return { value, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
  }
}
