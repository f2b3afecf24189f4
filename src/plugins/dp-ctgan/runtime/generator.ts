import type { Layer, LayerSizes, Tensor, TensorLibrary } from './tensors.js';

/** Temperature of the Gumbel softmax. */
const TEMPERATURE = 0.2;

/** Each hidden layer is joined with its input, as in CTGAN. */
export function generatorSizes(noise: number, hidden: readonly number[], outputs: number): LayerSizes {
  let width = noise;
  const sizes = hidden.map((units) => {
    const size = [width, units] as const;
    width += units;
    return size;
  });
  return [...sizes, [width, outputs]];
}

/** Logits of every column's codes side by side: [rows, codes]. */
export function generatorLogits(tf: TensorLibrary, layers: readonly Layer[], noise: Tensor): Tensor {
  let x = noise;
  for (const { weight, bias } of layers.slice(0, -1)) {
    const hidden = tf.relu(tf.add(tf.matMul(x as never, weight as never), bias));
    x = tf.concat([hidden, x] as never, 1);
  }
  const { weight, bias } = layers.at(-1)!;
  return tf.add(tf.matMul(x as never, weight as never), bias);
}

/** Standard normal numbers from two uniform ones each (Box and Muller): [rows, 2n] to [rows, n]. */
export function toNormal(tf: TensorLibrary, uniforms: Tensor): Tensor {
  const [radius, angle] = tf.split(uniforms as never, 2, 1) as [Tensor, Tensor];
  const length = tf.sqrt(tf.mul(tf.log(radius), -2));
  return tf.mul(length, tf.cos(tf.mul(angle, 2 * Math.PI)));
}

/** Logits with Gumbel noise: the largest of a column's is at a code drawn by its probability. */
export function perturb(tf: TensorLibrary, logits: Tensor, uniforms: Tensor): Tensor {
  return tf.sub(logits, tf.log(tf.neg(tf.log(uniforms))));
}

/**
 * One-hot rows with the gradients of the Gumbel softmax ("straight-through"; Jang, Gu and Poole, arXiv 1611.01144): the critic,
 * whose every look at real rows is paid for, has no softness to tell generated rows by. `sizes` are the columns' numbers of codes.
 */
export function oneHotRows(tf: TensorLibrary, perturbed: Tensor, sizes: readonly number[]): Tensor {
  const columns = tf.split(tf.div(perturbed, TEMPERATURE), sizes as number[], 1);
  return tf.concat(
    columns.map((column) => harden(tf, tf.softmax(column))),
    1,
  );
}

function harden(tf: TensorLibrary, soft: Tensor): Tensor {
  const straightThrough = tf.customGrad((x) => {
    const value = tf.cast(tf.greaterEqual(x as Tensor, tf.max(x as Tensor, 1, true)), 'float32');
    return { value, gradFunc: (dy) => dy as Tensor };
  });
  return straightThrough(soft);
}

/** Mean probability of every code over a batch of logits: [1, codes]. */
export function meanProbabilities(tf: TensorLibrary, logits: Tensor, sizes: readonly number[]): Tensor {
  const columns = tf.split(logits, sizes as number[], 1);
  return tf.mean(
    tf.concat(
      columns.map((column) => tf.softmax(column)),
      1,
    ),
    0,
    true,
  );
}

/** The drawn codes: [rows, columns]. */
export function drawnCodes(tf: TensorLibrary, perturbed: Tensor, sizes: readonly number[]): Tensor {
  const columns = tf.split(perturbed, sizes as number[], 1);
  return tf.stack(
    columns.map((column) => tf.cast(tf.argMax(column, 1), 'float32')),
    1,
  );
}
