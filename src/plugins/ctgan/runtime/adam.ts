import type { Feed, Shape, TensorMap } from '../../../core/plugin-api/index.js';
import type { Shapes, Tensor, TensorLibrary } from './tensors.js';

/** Kingma and Ba 2015. The betas are the paper's for CTGAN. */
const BETA1 = 0.5;
const BETA2 = 0.9;
const EPSILON = 1e-8;

export const ADAM_INPUTS: Readonly<Record<string, Shape>> = { rate: [], epsilon: [] };

/** Weights with their two moments, named `m:NAME` and `v:NAME`. */
export function withMoments(shapes: Shapes): Shapes {
  return Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape]) => [name, `m:${name}`, `v:${name}`].map((key) => [key, shape])),
  );
}

/**
 * The step's two scalars, for update number `step` ≥ 1. The moments are kept as plain decaying sums, Σ β^i g and Σ β^i g²:
 * their factors (1 − β) and the bias corrections all go into a rate and an ε.
 */
export function adamScalars(learningRate: number, step: number): Feed {
  const first = (1 - BETA1) / (1 - BETA1 ** step);
  const second = Math.sqrt((1 - BETA2) / (1 - BETA2 ** step));
  return {
    rate: Float32Array.of((learningRate * first) / second),
    epsilon: Float32Array.of(EPSILON / second),
  };
}

/** New weights and moments from the gradients of the named weights; `decay` is L2. */
export function adamStep(
  tf: TensorLibrary,
  state: TensorMap,
  gradients: Readonly<Record<string, Tensor>>,
  inputs: TensorMap,
  decay: number,
): TensorMap {
  const next: Record<string, Tensor> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const weight = state[name]!;
    const g = decay > 0 ? tf.add(gradient, tf.mul(weight, decay)) : gradient;
    const m = tf.add(tf.mul(state[`m:${name}`]!, BETA1), g);
    const v = tf.add(tf.mul(state[`v:${name}`]!, BETA2), tf.square(g));
    next[name] = tf.sub(weight, tf.div(tf.mul(m, inputs['rate']!), tf.add(tf.sqrt(v), inputs['epsilon']!)));
    next[`m:${name}`] = m;
    next[`v:${name}`] = v;
  }
  return next;
}
