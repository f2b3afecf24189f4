import { criticForward, outputGradients, weightedSum } from './critic.js';
import { flatten, type Layer, type Tensor, type TensorLibrary } from './tensors.js';

/**
 * The sum over real rows of the critic's gradients, each scaled to a norm of at most `clipNorm`, as one vector. The loss of a
 * row is −ln(probability that it is real).
 *
 * No gradient of a single row is ever made ("ghost clipping"; Goodfellow, "Efficient per-example gradient computations",
 * arXiv 1510.01799; Lee and Kifer, arXiv 2009.03106): a layer's squared norm is (‖input‖² + 1)·‖output gradient‖², the 1 for
 * the bias, and one matrix product a layer gives the sum.
 * @param mask [rows, 1]: 0 for padding.
 */
export function clippedGradientSum(
  tf: TensorLibrary,
  critic: readonly Layer[],
  rows: Tensor,
  mask: Tensor,
  clipNorm: number,
): Tensor {
  const pass = criticForward(tf, critic, rows);
  const gradients = outputGradients(tf, critic, pass, tf.sub(tf.sigmoid(pass.logits), 1));
  const squares = gradients.map((gradient, layer) => {
    const input = tf.add(tf.sum(tf.square(pass.inputs[layer]!), 1, true), 1);
    return tf.mul(input, tf.sum(tf.square(gradient), 1, true));
  });
  const norm = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)));
  const scale = tf.minimum(tf.div(clipNorm, tf.maximum(norm, 1e-12)), 1);
  return flatten(tf, weightedSum(tf, pass, gradients, tf.mul(scale, mask)));
}

/** The mean gradient of −ln(probability that a generated row is not real). Generated rows are nobody's: no clipping, no noise. */
export function generatedGradient(tf: TensorLibrary, critic: readonly Layer[], rows: Tensor): Tensor {
  const pass = criticForward(tf, critic, rows);
  const gradients = outputGradients(tf, critic, pass, tf.sigmoid(pass.logits));
  const count = rows.shape[0]!;
  const weights = tf.mul(tf.ones([count, 1]), 1 / count);
  return flatten(tf, weightedSum(tf, pass, gradients, weights));
}
