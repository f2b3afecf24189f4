import type { CtganConfig } from '../config.js';
import type { Layout } from './layout.js';
import type { Shapes, Tensor, TensorLibrary, TensorMap } from '../../../core/plugin-api/index.js';

export interface CriticSize {
  readonly pac: number;
  readonly width: number;
  readonly conditions: number;
  readonly hidden: readonly number[];
}

export function criticSize(layout: Layout, config: CtganConfig): CriticSize {
  const { conditions, width } = layout;
  return { pac: config.pac, width, conditions, hidden: config.discriminator_dim };
}

/** The first layer's weights are kept apart by what they read: the rows of a pack, and their conditions (one-hots, looked up). */
export function criticShapes({ pac, width, conditions, hidden }: CriticSize): Shapes {
  return {
    'd.rows': [pac * width, hidden[0]!],
    ...(conditions > 0 && { 'd.conditions': [pac * conditions, hidden[0]!] }),
    ...Object.fromEntries(hidden.slice(1).map((n, i) => [`d.hidden${i + 1}`, [hidden[i]!, n]])),
    ...Object.fromEntries(hidden.map((n, i) => [`d.bias${i}`, [n]])),
    'd.out': [hidden.at(-1)!, 1],
    'd.outbias': [1],
  };
}

const SLOPE = 0.2;

/**
 * The first layer before its activation, for rows of shape [packs · pac, width] and the condition of each. A condition
 * is given as its index into the pack's joined condition vectors.
 */
export function firstLayer(
  tf: TensorLibrary,
  { pac, width, conditions, hidden }: CriticSize,
  weights: TensorMap,
  rows: Tensor,
  packedCondition: Tensor | undefined,
): Tensor {
  const packs = rows.shape[0]! / pac;
  const fromRows = tf.matMul(tf.reshape(rows, [packs, pac * width]), weights['d.rows']!);
  const sum = tf.add(fromRows, weights['d.bias0']!);
  if (conditions === 0) return sum;
  const looked = tf.gather(weights['d.conditions']!, tf.cast(packedCondition!, 'int32'));
  return tf.add(sum, tf.sum(tf.reshape(looked, [packs, pac, hidden[0]!]), 1));
}

/** From the first layer to the score of each pack. `dropout` has a layer's mask, scaled, for each hidden layer. */
export function scoreFrom(tf: TensorLibrary, weights: TensorMap, first: Tensor, dropout: readonly Tensor[]): Tensor {
  let x = first;
  dropout.forEach((mask, layer) => {
    const active = tf.mul(tf.leakyRelu(x, SLOPE), mask);
    const last = layer === dropout.length - 1;
    const next = last ? 'd.out' : `d.hidden${layer + 1}`;
    x = tf.add(tf.matMul(active, weights[next]!), weights[last ? 'd.outbias' : `d.bias${layer + 1}`]!);
  });
  return x;
}

/** The derivative of each hidden layer's activation: its slope times its dropout mask. Constant for the gradient penalty. */
export function activationSlopes(
  tf: TensorLibrary,
  weights: TensorMap,
  first: Tensor,
  dropout: readonly Tensor[],
): Tensor[] {
  let x = first;
  return dropout.map((mask, layer) => {
    const slope = tf.mul(tf.add(tf.mul(tf.step(x), 1 - SLOPE), SLOPE), mask);
    if (layer < dropout.length - 1) {
      x = tf.add(tf.matMul(tf.mul(x, slope), weights[`d.hidden${layer + 1}`]!), weights[`d.bias${layer + 1}`]!);
    }
    return slope;
  });
}

const GRADIENT_FLOOR = 1e-12;

/**
 * WGAN-GP's penalty (Gulrajani et al. 2017), mean((‖gradient‖ − 1)²), the norm over the whole pack. The network is
 * piecewise linear: with the slopes given, its gradient is a product of weights, and no second derivative is needed.
 */
export function gradientPenalty(tf: TensorLibrary, weights: TensorMap, slopes: readonly Tensor[]): Tensor {
  let gradient = tf.mul(slopes.at(-1)!, tf.reshape(weights['d.out']!, [1, -1]));
  for (let layer = slopes.length - 1; layer >= 1; layer--) {
    gradient = tf.mul(tf.matMul(gradient, weights[`d.hidden${layer}`]!, false, true), slopes[layer - 1]!);
  }
  const inputs = ['d.rows', 'd.conditions'].flatMap((name) => weights[name] ?? []);
  const squares = inputs.map((input) => tf.sum(tf.square(tf.matMul(gradient, input, false, true)), 1));
  const norm = tf.sqrt(tf.add(squares.length === 1 ? squares[0]! : tf.add(squares[0]!, squares[1]!), GRADIENT_FLOOR));
  return tf.mean(tf.square(tf.sub(norm, 1)));
}
