import type { Tensor, TensorLibrary, TensorMap } from '../../../../core/plugin-api/index.js';
import { type Block, blocksOf, isLong, tokenBlocks } from './blocks.js';
import { featureSizes, type Layout } from './layout.js';
import { earlierFields, membership } from './masks.js';
import { firstColumns, firstRows, joinColumns, splitColumns, splitRows } from './tensors.js';

/** What the network is told of a batch of rows. */
export interface Batch {
  /** Tokens as numbers from 0 in their field, `[fields, rows]`. */
  readonly tokens: Tensor;
  /** The same one-hot, `[rows, tokens of a block]`, by the blocks' numbers: those that {@link isReadOneHot}. */
  readonly oneHot: ReadonlyMap<number, Tensor>;
  /** 1 where a cell is given, `[first rows, fields]`; in all other rows none is. Null: in no row. */
  readonly known: Tensor | null;
}

/** Whether hidden units read a block's one-hot tokens: weights of long fields' tokens, and embeddings, are looked up. */
export function isReadOneHot({ embedding }: Pick<Layout, 'embedding'>, block: Block): boolean {
  return embedding === null && !isLong(block);
}

/**
 * What hidden units sum up, `[rows, units]`: the features of earlier fields, of the first rows those of given later cells
 * too, what the mask of given cells adds, and a bias.
 */
export function unitSums(tf: TensorLibrary, layout: Layout, weights: TensorMap, batch: Batch): Tensor {
  const { ofEarlier, ofGiven } =
    layout.embedding === null
      ? sumsOfTokens(tf, layout, weights['input']!, batch)
      : sumsOfFeatures(tf, layout, weights['input']!, embedded(tf, layout, weights['embedding']!, batch), batch.known);
  const all = tf.add(ofEarlier, weights['bias']!);
  if (batch.known === null) return all;
  return addToFirst(tf, all, tf.add(ofGiven!, tf.matMul(batch.known, weights['known']!)));
}

interface Sums {
  readonly ofEarlier: Tensor;
  /** Of the first rows; null where no cell is given. */
  readonly ofGiven: Tensor | null;
}

function sumsOfTokens(tf: TensorLibrary, layout: Layout, input: Tensor, batch: Batch): Sums {
  const { known } = batch;
  const earlier = tf.mul(input, earlierFields(tf, layout.sizes, layout.hidden));
  return {
    ofEarlier: sumOfTokens(tf, layout, earlier, batch, null),
    ofGiven: known && sumOfTokens(tf, layout, tf.sub(input, earlier), batch, known),
  };
}

/**
 * The sum over a row's tokens of what `matrix`, `[width, any]`, has for each: over all cells of all rows, or over the given
 * cells of the first rows, those of `known`.
 */
function sumOfTokens(
  tf: TensorLibrary,
  layout: Layout,
  matrix: Tensor,
  { tokens, oneHot }: Batch,
  known: Tensor | null,
): Tensor {
  const blocks = tokenBlocks(layout);
  const [widths, counts] = [blocks.map(({ own }) => own), blocks.map(({ fields }) => fields)];
  const rows = known === null ? tokens.shape[1]! : known.shape[0]!;
  const places = tf.unstack(firstColumns(tf, tokens, rows));
  const isGiven = known && splitColumns(tf, known, counts);
  const parts = splitRows(tf, matrix, widths);
  const sums = blocks.map(({ field, fields }, b) => {
    const given = isGiven?.[b];
    const columns = oneHot.get(b);
    if (columns === undefined) {
      const found = lookUp(tf, parts[b]!, places[field]!);
      return given === undefined ? found : tf.mul(found, given);
    }
    if (given === undefined) return tf.matMul(columns, parts[b]!);
    const told = spread(tf, layout.sizes.slice(field, field + fields), given);
    return tf.matMul(tf.mul(firstRows(tf, columns, rows), told), parts[b]!);
  });
  return tf.addN(sums);
}

/** @param places rows of the matrix, as floats: `[rows]`. */
function lookUp(tf: TensorLibrary, matrix: Tensor, places: Tensor): Tensor {
  return tf.gather(matrix, tf.cast(places, 'int32'));
}

/** Each field's tokens embedded, one after the other. */
function embedded(tf: TensorLibrary, { offsets }: Layout, embedding: Tensor, { tokens }: Batch): Tensor {
  const places = tf.add(tf.cast(tf.transpose(tokens), 'int32'), tf.tensor1d([...offsets], 'int32'));
  return tf.reshape(tf.gather(embedding, tf.reshape(places, [-1])), [tokens.shape[1]!, -1]);
}

function sumsOfFeatures(
  tf: TensorLibrary,
  layout: Layout,
  input: Tensor,
  features: Tensor,
  known: Tensor | null,
): Sums {
  const sizes = featureSizes(layout);
  const given = known === null ? null : givenFeatures(tf, sizes, features, known);
  const blocks = blocksOf(sizes);
  const units = blocks.map(({ fields }) => fields * layout.hidden);
  const inputs = splitColumns(tf, input, units);
  const parts = blocks.map((block, b) => {
    const matrix = partsOf(block, (lengths) => splitRows(tf, inputs[b]!, lengths));
    const earlier = earlierFields(tf, sizes.slice(block.field, block.field + block.fields), layout.hidden);
    const own = tf.mul(matrix.own, earlier);
    const seen = partsOf(block, (lengths) => splitColumns(tf, features, lengths));
    const ofEarlier = plus(tf, product(tf, seen.before, matrix.before), tf.matMul(seen.own, own))!;
    if (given === null) return { ofEarlier, ofGiven: null };
    const told = partsOf(block, (lengths) => splitColumns(tf, given, lengths));
    const later = tf.matMul(told.own, tf.sub(matrix.own, own));
    return { ofEarlier, ofGiven: plus(tf, product(tf, told.after, matrix.after), later)! };
  });
  const ofGiven = parts.flatMap((part) => part.ofGiven ?? []);
  return {
    ofEarlier: joinColumns(
      tf,
      parts.map(({ ofEarlier }) => ofEarlier),
    ),
    ofGiven: ofGiven.length === 0 ? null : joinColumns(tf, ofGiven),
  };
}

/** Features of the first rows' given cells, zeros elsewhere. */
function givenFeatures(tf: TensorLibrary, sizes: readonly number[], features: Tensor, known: Tensor): Tensor {
  return tf.mul(firstRows(tf, features, known.shape[0]!), spread(tf, sizes, known));
}

interface Parts {
  readonly before: Tensor | null;
  readonly own: Tensor;
  readonly after: Tensor | null;
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

function addToFirst(tf: TensorLibrary, all: Tensor, first: Tensor): Tensor {
  const others = all.shape[0]! - first.shape[0]!;
  if (others === 0) return tf.add(all, first);
  return tf.add(
    all,
    tf.pad(first, [
      [0, others],
      [0, 0],
    ]),
  );
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
