import type { Shapes, Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
import { featureSizes, sum, type Layout } from './layout.js';
import { earlierFields, membership } from './masks.js';

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

/**
 * Logits of all tokens, each field's given the fields before it and the cells that are given.
 * @param rows one-hot, `[batch, width]`.
 * @param known 1 where a cell is given, `[first rows of the batch, fields]`; in all other rows none is. Null: in no row.
 */
export function logitsOf(
  tf: TensorLibrary,
  layout: Layout,
  weights: TensorMap,
  rows: Tensor,
  known: Tensor | null,
): Tensor {
  const features = featuresOf(tf, layout, weights, rows);
  const before = tf.mul(weights['input']!, earlierFields(tf, layout));
  const ofEarlier = tf.add(tf.matMul(features, before), weights['bias']!);
  const sums =
    known === null
      ? ofEarlier
      : addToFirst(tf, ofEarlier, sumsOfGiven(tf, layout, weights, features, known, tf.sub(weights['input']!, before)));
  const hidden = tf.split(tf.relu(sums), layout.fields, 1);
  const output = splitColumns(tf, weights['output']!, layout.sizes);
  const logits = hidden.map((own, f) => tf.matMul(own, output[f]!));
  // Relations without exception drive logits ever further apart: beyond these bounds exponentials would overflow.
  return tf.clipByValue(tf.add(tf.concat(logits, 1), weights['base']!), -LARGEST_LOGIT, LARGEST_LOGIT);
}

/** What given cells that come at or after a unit's field add to it, and the mask itself; for the first rows alone. */
function sumsOfGiven(
  tf: TensorLibrary,
  layout: Layout,
  weights: TensorMap,
  features: Tensor,
  known: Tensor,
  later: Tensor,
): Tensor {
  const first = tf.slice(features, [0, 0], [known.shape[0]!, features.shape[1]!]);
  const given = tf.mul(first, tf.matMul(known, membership(tf, featureSizes(layout)), false, true));
  return tf.add(tf.matMul(given, later), tf.matMul(known, weights['known']!));
}

function addToFirst(tf: TensorLibrary, all: Tensor, first: Tensor): Tensor {
  const [rows, columns] = [all.shape[0]!, all.shape[1]!];
  const count = first.shape[0]!;
  const added = tf.add(tf.slice(all, [0, 0], [count, columns]), first);
  return count === rows ? added : tf.concat([added, tf.slice(all, [count, 0], [rows - count, columns])], 0);
}

/** What hidden units read of one-hot rows: these, or each field's tokens embedded. */
export function featuresOf(tf: TensorLibrary, layout: Layout, weights: TensorMap, rows: Tensor): Tensor {
  if (layout.embedding === null) return rows;
  const tokens = splitColumns(tf, rows, layout.sizes);
  const embeddings = tf.split(weights['embedding']! as ReturnType<typeof tf.tensor2d>, [...layout.sizes], 0);
  return tf.concat(
    tokens.map((own, f) => tf.matMul(own, embeddings[f]!)),
    1,
  );
}

function splitColumns(tf: TensorLibrary, matrix: Tensor, sizes: readonly number[]): Tensor[] {
  return tf.split(matrix as ReturnType<typeof tf.tensor2d>, [...sizes], 1);
}

/** Sum over rows and fields of −log probability, each weighted: nats. @param weight `[batch, fields]`. */
export function crossEntropy(tf: TensorLibrary, layout: Layout, logits: Tensor, rows: Tensor, weight: Tensor): Tensor {
  const normaliser = tf.log(tf.matMul(tf.exp(logits), membership(tf, layout.sizes)));
  return tf.sub(tf.sum(tf.mul(normaliser, weight)), tf.sum(tf.mul(tf.mul(logits, rows), perToken(tf, layout, weight))));
}

/** Probabilities of all tokens; those of a field add up to 1. */
export function probabilitiesOf(tf: TensorLibrary, layout: Layout, logits: Tensor): Tensor {
  const shares = tf.exp(logits);
  return tf.div(shares, perToken(tf, layout, tf.matMul(shares, membership(tf, layout.sizes))));
}

/** `[rows, fields]` to `[rows, width]`: each field's number at all of its tokens. */
export function perToken(tf: TensorLibrary, layout: Layout, ofField: Tensor): Tensor {
  return tf.matMul(ofField, membership(tf, layout.sizes), false, true);
}
