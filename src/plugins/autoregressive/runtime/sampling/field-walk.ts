import type { Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
import { isLongField } from '../network/blocks.js';
import { featureSizes, type Layout } from '../network/layout.js';

/**
 * Goes through the fields in their order: gives the logits of the next one, and takes up its tokens. Sums at the hidden
 * units of later fields are all that is kept.
 */
export class FieldWalk {
  #field = 0;
  #sums: Tensor;

  /** @param sums at all hidden units before any token is known, `[rows or 1, units]`. */
  constructor(
    private readonly tf: TensorLibrary,
    private readonly layout: Layout,
    private readonly weights: TensorMap,
    sums: Tensor,
  ) {
    this.#sums = sums;
  }

  /** Logits of the field's tokens, `[rows or 1, tokens]`. */
  logits(): Tensor {
    const { tf, layout, weights } = this;
    const f = this.#field;
    const [offset, size] = [layout.offsets[f]!, layout.sizes[f]!];
    const own = tf.relu(tf.slice(this.#sums, [0, 0], [this.#sums.shape[0]!, layout.hidden]));
    const output = tf.slice(weights['output']!, [0, offset], [layout.hidden, size]);
    return tf.add(tf.matMul(own, output), tf.slice(weights['base']!, [offset], [size]));
  }

  /**
   * Goes on to the next field.
   * @param oneHot the field's tokens, `[rows, tokens]`; zeros tell nothing.
   * @param token the same as numbers, `[rows, 1]`, where every row has one.
   */
  take(oneHot: Tensor, token?: Tensor): void {
    const { tf, layout, weights } = this;
    const f = this.#field++;
    const later = (layout.fields - f - 1) * layout.hidden;
    if (later === 0) return;
    const sizes = featureSizes(layout);
    const first = sizes.slice(0, f).reduce((sum, size) => sum + size, 0);
    const input = tf.slice(weights['input']!, [first, (f + 1) * layout.hidden], [sizes[f]!, later]);
    const rest = tf.slice(this.#sums, [0, layout.hidden], [this.#sums.shape[0]!, later]);
    const isLookedUp = token !== undefined && layout.embedding === null && isLongField(layout.sizes[f]!);
    const sums = isLookedUp
      ? tf.gather(input, tf.cast(tf.reshape(token, [token.shape[0]!]), 'int32'))
      : tf.matMul(featuresOf(tf, layout, weights, oneHot, f), input);
    this.#sums = tf.add(rest, sums);
  }
}

/** What hidden units read of a field: its one-hot tokens, `[rows, tokens]`, or these embedded. */
export function featuresOf(
  tf: TensorLibrary,
  layout: Layout,
  weights: TensorMap,
  oneHot: Tensor,
  field: number,
): Tensor {
  if (layout.embedding === null) return oneHot;
  const own = [layout.sizes[field]!, layout.embedding] as const;
  return tf.matMul(oneHot, tf.slice(weights['embedding']!, [layout.offsets[field]!, 0], [...own]));
}
