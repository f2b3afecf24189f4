import type { Layer, LayerSizes, Tensor, TensorLibrary } from './tensors.js';

/** Slope of the leaky rectifier below zero. */
const SLOPE = 0.2;

export function criticSizes(inputs: number, hidden: readonly number[]): LayerSizes {
  const widths = [inputs, ...hidden, 1];
  return widths.slice(1).map((outputs, layer) => [widths[layer]!, outputs] as const);
}

interface Pass {
  /** What each layer is given: [rows, inputs]. */
  readonly inputs: readonly Tensor[];
  /** [rows, 1]: above 0 where the rows look real. */
  readonly logits: Tensor;
}

export function criticForward(tf: TensorLibrary, layers: readonly Layer[], rows: Tensor): Pass {
  const inputs: Tensor[] = [];
  let x = rows;
  layers.forEach(({ weight, bias }, layer) => {
    inputs.push(x);
    const y = tf.add(tf.matMul(x as never, weight as never), bias);
    x = layer < layers.length - 1 ? tf.leakyRelu(y, SLOPE) : y;
  });
  return { inputs, logits: x };
}

/**
 * The gradient of each layer's output for each row, [rows, outputs], from that of the logit. The gradient of a layer's
 * weights for one row is the outer product of the row's input and this.
 */
export function outputGradients(
  tf: TensorLibrary,
  layers: readonly Layer[],
  { inputs }: Pass,
  logits: Tensor,
): Tensor[] {
  const gradients: Tensor[] = [logits];
  for (let layer = layers.length - 1; layer > 0; layer--) {
    const back = tf.matMul(gradients[0]! as never, layers[layer]!.weight as never, false, true);
    // The rectifier keeps the sign, so its output tells its slope.
    const slope = tf.add(tf.mul(tf.step(inputs[layer]!), 1 - SLOPE), SLOPE);
    gradients.unshift(tf.mul(back, slope));
  }
  return gradients;
}

/** Σ over rows of weight·gradient, as layers; `weights` is [rows, 1]. */
export function weightedSum(
  tf: TensorLibrary,
  { inputs }: Pass,
  gradients: readonly Tensor[],
  weights: Tensor,
): Layer[] {
  return gradients.map((gradient, layer) => {
    const weighted = tf.mul(gradient, weights);
    return {
      weight: tf.matMul(inputs[layer]! as never, weighted as never, true, false),
      bias: tf.sum(weighted, 0),
    };
  });
}
