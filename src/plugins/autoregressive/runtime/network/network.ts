import type { Shapes, Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
import { featureSizes, sum, type Layout } from './layout.js';
import { type Block, blocksOf } from './blocks.js';
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
  const given = known === null ? null : givenFeatures(tf, layout, features, known);
  const fromMask = known === null ? null : tf.matMul(known, weights['known']!);
  const sums = unitSums(tf, layout, weights, { features, given, fromMask });
  const logits = logitsOfUnits(tf, layout, tf.relu(sums), weights['output']!);
  // Relations without exception drive logits ever further apart: beyond these bounds exponentials would overflow.
  return tf.clipByValue(tf.add(logits, weights['base']!), -LARGEST_LOGIT, LARGEST_LOGIT);
}

/** Each field's logits come of its own units. On wide tables zeros are cheaper than a product for each field. */
function logitsOfUnits(tf: TensorLibrary, layout: Layout, units: Tensor, output: Tensor): Tensor {
  const { sizes, hidden } = layout;
  const blocks = blocksOf(sizes, fieldsAtOnce(layout));
  const owns = splitColumns(
    tf,
    units,
    blocks.map(({ fields }) => fields * hidden),
  );
  const weights = splitColumns(
    tf,
    output,
    blocks.map(({ own }) => own),
  );
  const logits = blocks.map(({ field, fields }, b) => {
    if (fields === 1) return tf.matMul(owns[b]!, weights[b]!);
    const isOwn = membership(tf, sizes.slice(field, field + fields), hidden);
    return tf.matMul(owns[b]!, tf.mul(tf.tile(weights[b]!, [fields, 1]), isOwn));
  });
  return joinColumns(tf, logits);
}

interface UnitInputs {
  readonly features: Tensor;
  /** Features of given cells, zeros elsewhere, and what the mask itself adds; of the first rows alone. Null: of none. */
  readonly given: Tensor | null;
  readonly fromMask: Tensor | null;
}

/** What hidden units sum up: the features of earlier fields, and of the first rows those of given later cells too. */
function unitSums(
  tf: TensorLibrary,
  layout: Layout,
  weights: TensorMap,
  { features, given, fromMask }: UnitInputs,
): Tensor {
  const sizes = featureSizes(layout);
  const blocks = blocksOf(sizes);
  const units = blocks.map(({ fields }) => fields * layout.hidden);
  const inputs = splitColumns(tf, weights['input']!, units);
  const parts = blocks.map((block, b) => {
    const rows = splitRows(tf, inputs[b]!, block);
    const earlier = earlierFields(tf, sizes.slice(block.field, block.field + block.fields), layout.hidden);
    const own = tf.mul(rows.own, earlier);
    const seen = splitPlaces(tf, features, block);
    const sums = plus(tf, product(tf, seen.before, rows.before), tf.matMul(seen.own, own))!;
    if (given === null) return { sums, ofGiven: null };
    const told = splitPlaces(tf, given, block);
    const later = tf.matMul(told.own, tf.sub(rows.own, own));
    return { sums, ofGiven: plus(tf, product(tf, told.after, rows.after), later)! };
  });
  const all = tf.add(
    joinColumns(
      tf,
      parts.map(({ sums }) => sums),
    ),
    weights['bias']!,
  );
  if (given === null || fromMask === null) return all;
  return addToFirst(
    tf,
    all,
    tf.add(
      joinColumns(
        tf,
        parts.map(({ ofGiven }) => ofGiven!),
      ),
      fromMask,
    ),
  );
}

function givenFeatures(tf: TensorLibrary, layout: Layout, features: Tensor, known: Tensor): Tensor {
  const first = tf.slice(features, [0, 0], [known.shape[0]!, features.shape[1]!]);
  return tf.mul(first, spread(tf, featureSizes(layout), known));
}

interface Parts {
  readonly before: Tensor | null;
  readonly own: Tensor;
  readonly after: Tensor | null;
}

function splitRows(tf: TensorLibrary, matrix: Tensor, block: Block): Parts {
  return partsOf(block, (sizes) => tf.split(matrix as ReturnType<typeof tf.tensor2d>, sizes, 0));
}

function splitPlaces(tf: TensorLibrary, matrix: Tensor, block: Block): Parts {
  return partsOf(block, (sizes) => splitColumns(tf, matrix, sizes));
}

/** Three parts, of which the outer two may be empty. */
function partsOf({ before, own, after }: Block, split: (sizes: number[]) => Tensor[]): Parts {
  const parts = split([before, own, after].filter((size) => size > 0));
  return {
    before: before > 0 ? parts[0]! : null,
    own: parts[before > 0 ? 1 : 0]!,
    after: after > 0 ? parts.at(-1)! : null,
  };
}

function product(tf: TensorLibrary, a: Tensor | null, b: Tensor | null): Tensor | null {
  return a === null || b === null ? null : tf.matMul(a, b);
}

function plus(tf: TensorLibrary, a: Tensor | null, b: Tensor | null): Tensor | null {
  return a === null || b === null ? (a ?? b) : tf.add(a, b);
}

function joinColumns(tf: TensorLibrary, parts: Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
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
  const { sizes, embedding } = layout;
  const blocks = blocksOf(sizes, fieldsAtOnce(layout));
  const places = blocks.map(({ own }) => own);
  const tokens = splitColumns(tf, rows, places);
  const embeddings = tf.split(weights['embedding']! as ReturnType<typeof tf.tensor2d>, places, 0);
  const features = blocks.map(({ field, fields }, b) => {
    const isOwn = tf.transpose(membership(tf, sizes.slice(field, field + fields), embedding));
    return tf.matMul(tokens[b]!, tf.mul(tf.tile(embeddings[b]!, [1, fields]), isOwn));
  });
  return joinColumns(tf, features);
}

/** Narrow tables have few fields, and long columns of tokens: each field by itself. */
function fieldsAtOnce({ embedding }: Layout): number {
  return embedding === null ? 1 : 8;
}

function splitColumns(tf: TensorLibrary, matrix: Tensor, sizes: readonly number[]): Tensor[] {
  if (sizes.length === 1) return [matrix];
  return tf.split(matrix as ReturnType<typeof tf.tensor2d>, [...sizes], 1);
}

/** Sum over rows and fields of −log probability, each weighted: nats. @param weight `[batch, fields]`. */
export function crossEntropy(tf: TensorLibrary, layout: Layout, logits: Tensor, rows: Tensor, weight: Tensor): Tensor {
  const normaliser = tf.log(byField(tf, layout, tf.exp(logits)));
  return tf.sub(tf.sum(tf.mul(normaliser, weight)), tf.sum(tf.mul(tf.mul(logits, rows), perToken(tf, layout, weight))));
}

/** `[rows, width]` to `[rows, fields]`: the sum over each field's tokens. */
function byField(tf: TensorLibrary, { sizes }: Layout, ofTokens: Tensor): Tensor {
  const blocks = blocksOf(sizes);
  const parts = splitColumns(
    tf,
    ofTokens,
    blocks.map(({ own }) => own),
  );
  const sums = blocks.map(({ field, fields }, b) => {
    return tf.matMul(parts[b]!, membership(tf, sizes.slice(field, field + fields)), false, true);
  });
  return joinColumns(tf, sums);
}

/** `[rows, fields]` to `[rows, width]`: each field's number at all of its tokens. */
export function perToken(tf: TensorLibrary, { sizes }: Layout, ofField: Tensor): Tensor {
  return spread(tf, sizes, ofField);
}

/** `[rows, fields]` to `[rows, sum of sizes]`: each field's number at all of its places. */
function spread(tf: TensorLibrary, sizes: readonly number[], ofField: Tensor): Tensor {
  const blocks = blocksOf(sizes);
  const parts = splitColumns(
    tf,
    ofField,
    blocks.map(({ fields }) => fields),
  );
  const places = blocks.map(({ field, fields }, b) => {
    return tf.matMul(parts[b]!, membership(tf, sizes.slice(field, field + fields)));
  });
  return joinColumns(tf, places);
}
