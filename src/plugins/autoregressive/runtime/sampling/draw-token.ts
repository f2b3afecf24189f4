import type { Tensor, TensorLibrary } from '../../../../core/plugin-api/index.js';

/** Up to so many tokens a running sum is cheapest as one product with a triangle of ones. */
const MOST_BY_PRODUCT = 256;
const STRETCH = 32;
/** Below 1 by more than float32 loses in a product. */
const MOST_UNIFORM = 1 - 2 ** -20;

/** Numbers below 1 for {@link drawToken}, a column for each field. @param uniforms `[rows, fields]`. */
export function uniformColumns(tf: TensorLibrary, uniforms: Tensor): Tensor[] {
  return tf.split(tf.minimum(uniforms, MOST_UNIFORM), uniforms.shape[1]!, 1);
}

/**
 * Draws one token a row by inverting the cumulative distribution.
 * @param shares not negative, in any unit, `[rows or 1, tokens]`. @param uniform one of {@link uniformColumns}.
 */
export function drawToken(
  tf: TensorLibrary,
  shares: Tensor,
  uniform: Tensor,
): { readonly token: Tensor; readonly oneHot: Tensor } {
  const rows = uniform.shape[0]!;
  const tokens = shares.shape[1]!;
  const sums = runningSum(tf, shares);
  const total = tf.slice(sums, [0, tokens - 1], [shares.shape[0]!, 1]);
  // 1 at each token before the drawn one: their number is the token.
  const before = tf.cast(tf.lessEqual(sums, tf.mul(uniform, total)), 'float32');
  const token = tf.sum(before, 1, true);
  if (tokens === 1) return { token, oneHot: tf.sub(1, before) };
  const upTo = tf.concat([tf.ones([rows, 1]), tf.slice(before, [0, 0], [rows, tokens - 1])], 1);
  return { token, oneHot: tf.sub(upTo, before) };
}

/** Of many tokens, within stretches first: `[rows, tokens]`. */
function runningSum(tf: TensorLibrary, shares: Tensor): Tensor {
  const [rows, tokens] = [shares.shape[0]!, shares.shape[1]!];
  if (tokens <= MOST_BY_PRODUCT) return tf.matMul(shares, triangle(tf, tokens));
  const stretches = Math.ceil(tokens / STRETCH);
  const padded = tf.pad(shares as ReturnType<typeof tf.tensor2d>, [
    [0, 0],
    [0, stretches * STRETCH - tokens],
  ]);
  const within = tf.matMul(tf.reshape(padded, [rows * stretches, STRETCH]), triangle(tf, STRETCH));
  const totals = tf.reshape(tf.slice(within, [0, STRETCH - 1], [rows * stretches, 1]), [rows, stretches]);
  const before = tf.sub(runningSum(tf, totals), totals);
  const sums = tf.add(within, tf.reshape(before, [rows * stretches, 1]));
  return tf.slice(tf.reshape(sums, [rows, stretches * STRETCH]), [0, 0], [rows, tokens]);
}

/** Ones from the diagonal on: a product with it is a running sum. */
function triangle(tf: TensorLibrary, size: number): Tensor {
  const ones = new Float32Array(size * size);
  for (let i = 0; i < size; i++) ones.fill(1, i * size + i, (i + 1) * size);
  return tf.tensor2d(ones, [size, size]);
}
