import type { Tensor, TensorLibrary } from '../../../../core/plugin-api/index.js';

/** Up to so many tokens a running sum is cheapest as a product with a triangle of ones. */
const MOST_BY_PRODUCT = 256;
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

/** A token without a share adds nothing, to the last bit: neither way may round its sum unlike that of the token before. */
function runningSum(tf: TensorLibrary, shares: Tensor): Tensor {
  const tokens = shares.shape[1]!;
  if (tokens > MOST_BY_PRODUCT) return tf.cumsum(shares, 1);
  const triangle = new Float32Array(tokens * tokens);
  for (let i = 0; i < tokens; i++) triangle.fill(1, i * tokens + i, (i + 1) * tokens);
  return tf.matMul(shares, tf.tensor2d(triangle, [tokens, tokens]));
}
