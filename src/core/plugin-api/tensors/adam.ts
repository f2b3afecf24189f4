import type { Feed, Shape, Shapes, Tensor, TensorLibrary, TensorMap } from '../compute.js';

const EPSILON = 1e-8;

/**
 * Adam (Kingma and Ba 2015) as a part of a compiled step. The moments lie in the state beside their weights, as `m:NAME`
 * and `v:NAME`; what changes from step to step comes in as two scalars.
 */
export class Adam {
  /** What a step that calls {@link update} needs among its inputs. */
  readonly inputs: Readonly<Record<string, Shape>> = { rate: [], epsilon: [] };

  constructor(
    private readonly beta1: number,
    private readonly beta2: number,
  ) {}

  /** The shapes of weights and of their moments. */
  state(weights: Shapes): Shapes {
    return Object.fromEntries(
      Object.entries(weights).flatMap(([name, shape]) => [name, `m:${name}`, `v:${name}`].map((key) => [key, shape])),
    );
  }

  /**
   * The inputs of update number `step` ≥ 1. The moments are kept as plain decaying sums, Σ β^i g and Σ β^i g²: their
   * factors (1 − β) and the bias corrections all go into a rate and an ε.
   */
  scalars(learningRate: number, step: number): Feed {
    const first = (1 - this.beta1) / (1 - this.beta1 ** step);
    const second = Math.sqrt((1 - this.beta2) / (1 - this.beta2 ** step));
    return {
      rate: Float32Array.of((learningRate * first) / second),
      epsilon: Float32Array.of(EPSILON / second),
    };
  }

  /** New weights and moments from the gradients of the named weights; `decay` is L2. */
  update(
    tf: TensorLibrary,
    state: TensorMap,
    gradients: Readonly<Record<string, Tensor>>,
    inputs: TensorMap,
    decay = 0,
  ): TensorMap {
    const next: Record<string, Tensor> = {};
    for (const [name, gradient] of Object.entries(gradients)) {
      const weight = state[name]!;
      const g = decay > 0 ? tf.add(gradient, tf.mul(weight, decay)) : gradient;
      const m = tf.add(tf.mul(state[`m:${name}`]!, this.beta1), g);
      const v = tf.add(tf.mul(state[`v:${name}`]!, this.beta2), tf.square(g));
      next[name] = tf.sub(weight, tf.div(tf.mul(m, inputs['rate']!), tf.add(tf.sqrt(v), inputs['epsilon']!)));
      next[`m:${name}`] = m;
      next[`v:${name}`] = v;
    }
    return next;
  }
}
