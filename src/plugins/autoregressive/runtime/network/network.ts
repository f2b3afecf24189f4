import type { Shapes, Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
import { type Block, tokenBlocks } from './blocks.js';
import { featureSizes, type Layout, sum } from './layout.js';
import { membership } from './masks.js';
import { joinColumns, splitColumns } from './tensors.js';
import { type Batch, unitSums } from './unit-sums.js';

const LARGEST_LOGIT = 40;

/**
 * Weights by name: `input` from features to hidden units, `known` from the mask of given cells, `bias`; `output` from a
 * field's hidden units to its tokens' logits, `base`; `embedding` of tokens where the layout has one.
 */
export function networkShapes(layout: Layout): Shapes {
  const units = layout.fields * layout.hidden;
  return {
    input: [sum(featureSizes(layout)), units],
    known: [layout.fields, units],
    bias: [units],
    output: [layout.hidden, layout.width],
    base: [layout.width],
    ...(layout.embedding !== null && { embedding: [layout.width, layout.embedding] }),
  };
}

/** What the network is to learn of a batch. */
export interface Target {
  /** 1 where a cell is to be predicted, else 0: `[rows, fields]`. */
  readonly cells: Tensor;
  /** Tokens as numbers from 0 in their field, `[fields, rows]`. */
  readonly tokens: Tensor;
}

/**
 * Logits of all tokens, each field's given the fields before it and the cells that are given: `[rows, tokens of a block]`
 * for each of {@link tokenBlocks}.
 */
export function logitsOf(tf: TensorLibrary, layout: Layout, weights: TensorMap, batch: Batch): Tensor[] {
  const { sizes, hidden } = layout;
  const units = tf.relu(unitSums(tf, layout, weights, batch));
  const blocks = tokenBlocks(layout);
  const places = blocks.map(({ own }) => own);
  const owns = splitColumns(
    tf,
    units,
    blocks.map(({ fields }) => fields * hidden),
  );
  const outputs = splitColumns(tf, weights['output']!, places);
  const bases = tf.split(weights['base']! as ReturnType<typeof tf.tensor1d>, places);
  return blocks.map(({ field, fields }, b) => {
    const output =
      fields === 1
        ? outputs[b]!
        : tf.mul(tf.tile(outputs[b]!, [fields, 1]), membership(tf, sizes.slice(field, field + fields), hidden));
    const logits = tf.add(tf.matMul(owns[b]!, output), bases[b]!);
    // Relations without exception drive logits ever further apart: beyond these bounds exponentials would overflow. What
    // lies there is not trained further: passing gradients on through the bounds makes wide tables worse (docs/adr/0021).
    return tf.clipByValue(logits, -LARGEST_LOGIT, LARGEST_LOGIT);
  });
}

/** Sum over the cells to predict of −log probability: nats. @param logits for each of {@link tokenBlocks}. */
export function crossEntropy(tf: TensorLibrary, layout: Layout, logits: readonly Tensor[], target: Target): Tensor {
  const blocks = tokenBlocks(layout);
  const sums = blocks.map((block, b) => sumsByField(tf, layout, block, tf.exp(logits[b]!)));
  const normaliser = tf.sum(tf.mul(tf.log(joinColumns(tf, sums)), target.cells));
  const picked = tf.reshape(ownLogits(tf, layout, logits, target.tokens), target.tokens.shape);
  return tf.sub(normaliser, tf.sum(tf.mul(picked, tf.transpose(target.cells))));
}

/** The logits of the rows' own tokens, field by field: `[fields · rows]`. */
function ownLogits(tf: TensorLibrary, layout: Layout, logits: readonly Tensor[], tokens: Tensor): Tensor {
  const blocks = tokenBlocks(layout);
  const rows = tokens.shape[1]!;
  const starts = blocks.flatMap(({ field, fields, own, before }) =>
    layout.offsets
      .slice(field, field + fields)
      .flatMap((offset) => Array.from({ length: rows }, (_, row) => row * own + offset - before)),
  );
  const places = tf.add(tf.cast(tf.reshape(tokens, [-1]), 'int32'), tf.tensor1d(starts, 'int32'));
  const placesOf = tf.split(
    places,
    blocks.map(({ fields }) => fields * rows),
  );
  return tf.concat(
    logits.map((own, b) => tf.gather(tf.reshape(own, [-1]), placesOf[b]!)),
    0,
  );
}

/** `[rows, tokens]` to `[rows, fields]`: the sum over each field's tokens. */
function sumsByField(tf: TensorLibrary, { sizes }: Layout, { field, fields }: Block, ofTokens: Tensor): Tensor {
  if (fields === 1) return tf.sum(ofTokens, 1, true);
  return tf.matMul(ofTokens, membership(tf, sizes.slice(field, field + fields)), false, true);
}
