import type { Tensor, TensorLibrary } from '../../../../core/plugin-api/index.js';

/** Up to so many tokens a running sum is cheapest as a product with a triangle of ones. */
const MOST_BY_PRODUCT = 256;
/** Below 1 by more than float32 loses in a product. */
const MOST_UNIFORM = 1 - 2 ** -20;

/**
 * Draws one token a row by inverting the cumulative distribution.
 * @param shares not negative, in any unit, `[rows or 1, tokens]`. @param uniform `[rows, 1]`.
 */
export function drawToken(
  tf: TensorLibrary,
  shares: Tensor,
  uniform: Tensor,
): { readonly token: Tensor; readonly oneHot: Tensor } {
  const rows = uniform.shape[0]!;
  const tokens = shares.shape[1]!;
  const below = runningSum(tf, shares);
  const total = tf.slice(below, [0, tokens - 1], [shares.shape[0]!, 1]);
  const target = tf.mul(tf.minimum(uniform, MOST_UNIFORM), total);
  // 1 from the drawn token on; its first 1 is the token.
  const reached = tf.step(tf.sub(below, target));
  const token = tf.sub(tokens, tf.sum(reached, 1, true));
  if (tokens === 1) return { token, oneHot: reached };
  const before = tf.concat([tf.zeros([rows, 1]), tf.slice(reached, [0, 0], [rows, tokens - 1])], 1);
  return { token, oneHot: tf.sub(reached, before) };
}

function runningSum(tf: TensorLibrary, shares: Tensor): Tensor {
  const tokens = shares.shape[1]!;
  if (tokens > MOST_BY_PRODUCT) return tf.cumsum(shares, 1);
  const triangle = new Float32Array(tokens * tokens);
  for (let i = 0; i < tokens; i++) triangle.fill(1, i * tokens + i, (i + 1) * tokens);
  return tf.matMul(shares, tf.tensor2d(triangle, [tokens, tokens]));
}
