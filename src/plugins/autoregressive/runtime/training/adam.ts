import type { Feed, Shape, TensorMap } from '../../../../core/plugin-api/index.js';
import type { Shapes, Tensor, TensorLibrary } from '../network/tensors.js';

/** Kingma and Ba 2015, with a shorter memory of squared gradients than theirs: training has hundreds of steps. */
const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

export const ADAM_INPUTS: Readonly<Record<string, Shape>> = { rate: [], epsilon: [] };

/** Weights with their two moments, named `m:NAME` and `v:NAME`. */
export function withMoments(shapes: Shapes): Shapes {
  return Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape]) => [name, `m:${name}`, `v:${name}`].map((key) => [key, shape])),
  );
}

/**
 * The scalars of update number `step` ≥ 1. Moments are kept as plain decaying sums, Σ β^i g and Σ β^i g²: their factors
 * (1 − β) and the bias corrections all go into a rate and an ε.
 */
export function adamScalars(learningRate: number, step: number): Feed {
  const first = (1 - BETA1) / (1 - BETA1 ** step);
  const second = Math.sqrt((1 - BETA2) / (1 - BETA2 ** step));
  return {
    rate: Float32Array.of((learningRate * first) / second),
    epsilon: Float32Array.of(EPSILON / second),
  };
}

/** New weights and moments. */
export function adamStep(
  tf: TensorLibrary,
  state: TensorMap,
  gradients: Readonly<Record<string, Tensor>>,
  inputs: TensorMap,
): TensorMap {
  const next: Record<string, Tensor> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const m = tf.add(tf.mul(state[`m:${name}`]!, BETA1), gradient);
    const v = tf.add(tf.mul(state[`v:${name}`]!, BETA2), tf.square(gradient));
    const change = tf.div(tf.mul(m, inputs['rate']!), tf.add(tf.sqrt(v), inputs['epsilon']!));
    next[name] = tf.sub(state[name]!, change);
    next[`m:${name}`] = m;
    next[`v:${name}`] = v;
  }
  return next;
}
