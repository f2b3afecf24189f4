import type { Tensor, TensorLibrary } from './tensors.js';

const BETA1 = 0.5;
const BETA2 = 0.9;

/** Parameters and their two moments, each one vector. */
export interface AdamState {
  readonly parameters: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** Kingma and Ba 2015. `correction` holds 1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ): see {@link corrections}. */
export function adamStep(
  tf: TensorLibrary,
  { parameters, first, second }: AdamState,
  gradient: Tensor,
  rate: Tensor,
  correction: Tensor,
): AdamState {
  const m = tf.add(tf.mul(first, BETA1), tf.mul(gradient, 1 - BETA1));
  const v = tf.add(tf.mul(second, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
  const [correct1, correct2] = tf.split(correction, 2, 0) as [Tensor, Tensor];
  const step = tf.div(tf.mul(m, correct1), tf.add(tf.sqrt(tf.mul(v, correct2)), 1e-8));
  return { parameters: tf.sub(parameters, tf.mul(step, rate)), first: m, second: v };
}

/** For the steps of those numbers, from 1: two values each. */
export function corrections(steps: readonly number[]): Float32Array {
  return Float32Array.from(steps.flatMap((step) => [1 / (1 - BETA1 ** step), 1 / (1 - BETA2 ** step)]));
}
