import type { Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
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

  /** Goes on to the next field. @param oneHot the field's tokens, `[rows, tokens]`; zeros tell nothing. */
  take(oneHot: Tensor): void {
    const { tf, layout, weights } = this;
    const f = this.#field++;
    const later = (layout.fields - f - 1) * layout.hidden;
    if (later === 0) return;
    const features = this.#featuresOf(oneHot, f);
    const sizes = featureSizes(layout);
    const first = sizes.slice(0, f).reduce((sum, size) => sum + size, 0);
    const input = tf.slice(weights['input']!, [first, (f + 1) * layout.hidden], [sizes[f]!, later]);
    const rest = tf.slice(this.#sums, [0, layout.hidden], [this.#sums.shape[0]!, later]);
    this.#sums = tf.add(rest, tf.matMul(features, input));
  }

  #featuresOf(oneHot: Tensor, f: number): Tensor {
    const { tf, layout, weights } = this;
    if (layout.embedding === null) return oneHot;
    const embedding = tf.slice(weights['embedding']!, [layout.offsets[f]!, 0], [layout.sizes[f]!, layout.embedding]);
    return tf.matMul(oneHot, embedding);
  }
}
