import type { CtganConfig } from '../config.js';
import type { Layout, Segment } from './layout.js';
import type { Shapes, Tensor, TensorLibrary, TensorMap } from '../../../core/plugin-api/index.js';

/** What the generator's layers need to know. */
export interface GeneratorSize {
  readonly noise: number;
  /** Length of the condition vector; 0: no conditions. */
  readonly conditions: number;
  readonly hidden: readonly number[];
  readonly width: number;
}

export function generatorSize(layout: Layout, config: CtganConfig): GeneratorSize {
  const { conditions, width } = layout;
  return { noise: config.embedding_dim, conditions, hidden: config.generator_dim, width };
}

/**
 * Weights, by what feeds them. Each layer reads the noise, the condition and all hidden layers before it (the paper
 * joins a layer's output with its input), so one matrix takes a source to all layers after it: few, large products.
 * Hidden layers have no bias, since batch normalisation takes it out again.
 */
export function generatorShapes({ noise, conditions, hidden, width }: GeneratorSize): Shapes {
  const targets = [...hidden, width];
  const after = (layer: number) => targets.slice(layer).reduce((sum, n) => sum + n, 0);
  return {
    'g.noise': [noise, after(0)],
    ...(conditions > 0 && { 'g.condition': [conditions, after(0)] }),
    ...Object.fromEntries(hidden.map((n, i) => [`g.hidden${i}`, [n, after(i + 1)]])),
    ...Object.fromEntries(hidden.flatMap((n, i) => ['scale', 'shift'].map((name) => [`g.${name}${i}`, [n]]))),
    'g.bias': [width],
  };
}

/** Mean and variance of a hidden layer's inputs, by which they are normalised: of the batch, or as kept from training. */
export interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Added to a variance before its root is taken. */
export const BATCH_NORM_EPSILON = 1e-5;

/** The data vector before its activations. `momentsOf` tells by what a layer is normalised. */
export function generatorForward(
  tf: TensorLibrary,
  { hidden, width, conditions }: GeneratorSize,
  weights: TensorMap,
  noise: Tensor,
  condition: Tensor | undefined,
  momentsOf: (layer: number, x: Tensor) => Moments,
): Tensor {
  const targets = [...hidden, width];
  let first = tf.matMul(noise, weights['g.noise']!);
  if (conditions > 0) first = tf.add(first, tf.gather(weights['g.condition']!, tf.cast(condition!, 'int32')));
  let inputs = tf.split(first, targets, 1);
  hidden.forEach((_, layer) => {
    const [own, ...later] = inputs;
    const normal = normalise(
      tf,
      own!,
      momentsOf(layer, own!),
      weights[`g.scale${layer}`]!,
      weights[`g.shift${layer}`]!,
    );
    const products = tf.split(tf.matMul(tf.relu(normal), weights[`g.hidden${layer}`]!), targets.slice(layer + 1), 1);
    inputs = later.map((input, i) => tf.add(input, products[i]!));
  });
  return tf.add(inputs[0]!, weights['g.bias']!);
}

function normalise(tf: TensorLibrary, x: Tensor, { mean, variance }: Moments, scale: Tensor, shift: Tensor): Tensor {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  return tf.add(tf.mul(x, factor), tf.sub(shift, tf.mul(mean, factor)));
}

/** Moments over the rows of a batch; the variance is the biased one. */
export function batchMoments(tf: TensorLibrary, x: Tensor): Moments {
  const mean = tf.mean(x, 0);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), 0) };
}

const GUMBEL_TEMPERATURE = 0.2;

/** Scalars by tanh, components by Gumbel-softmax; `uniform` has a number for each component. */
export function activate(tf: TensorLibrary, layout: Layout, raw: Tensor, uniform: Tensor): Tensor {
  const { places, logits } = placesAndLogits(tf, layout, raw);
  const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniform))));
  const perturbed = tf.mul(tf.add(logits, gumbel), 1 / GUMBEL_TEMPERATURE);
  const sizes = layout.segments.map((segment) => segment.size);
  return joined(
    tf,
    places,
    tf.split(perturbed, sizes, 1).map((segment) => tf.softmax(segment)),
  );
}

/** Beyond these bounds exponentials leave the range of floats, or sums of them do. */
const LARGEST_LOGIT = 80;

/** Scalars by tanh, and each component's weight among those of its segment, not normalised: a row is drawn from them. */
export function rowDistribution(tf: TensorLibrary, layout: Layout, raw: Tensor): Tensor {
  const { places, logits } = placesAndLogits(tf, layout, raw);
  return joined(tf, places, [tf.exp(tf.clipByValue(logits, -LARGEST_LOGIT, LARGEST_LOGIT))]);
}

function placesAndLogits(tf: TensorLibrary, { scalars }: Layout, raw: Tensor) {
  if (scalars.length === 0) return { places: null, logits: raw };
  const [places, logits] = tf.split(raw, [scalars.length, -1], 1);
  return { places: places!, logits: logits! };
}

function joined(tf: TensorLibrary, places: Tensor | null, segments: readonly Tensor[]): Tensor {
  return joinedColumns(tf, places === null ? [...segments] : [tf.tanh(places), ...segments]);
}

/** Added to a logit that is to have no share in a softmax. */
const EXCLUDED = -1e30;

/**
 * How much the generator's logits disagree with the condition that it was given: cross-entropy, mean over the batch. A row
 * is asked for one column alone, so that one softmax over all columns does, from which the others are excluded.
 */
export function conditionLoss(tf: TensorLibrary, layout: Layout, raw: Tensor, condition: Tensor): Tensor {
  const segments = layout.segments.filter((segment) => segment.condition >= 0);
  const columnOf = tf.tensor1d(segments.flatMap(({ column, size }) => Array.from({ length: size }, () => column)));
  const asked = tf.expandDims(tf.gather(columnOf, tf.cast(condition, 'int32')), 1);
  const others = tf.cast(tf.notEqual(asked, tf.expandDims(columnOf, 0)), 'float32');
  const indices = tf.range(0, layout.conditions, 1, 'float32');
  const target = tf.cast(tf.equal(tf.expandDims(condition, 1), tf.expandDims(indices, 0)), 'float32');
  const logits = neighbours(segments).map(({ offset, size }) => tf.slice(raw, [0, offset], [-1, size]));
  const shares = tf.logSoftmax(tf.add(joinedColumns(tf, logits), tf.mul(others, EXCLUDED)));
  return tf.mul(tf.sum(tf.mul(shares, target)), -1 / raw.shape[0]!);
}

/** Segments that touch, as one. */
function neighbours(segments: readonly Segment[]): { offset: number; size: number }[] {
  const runs: { offset: number; size: number }[] = [];
  for (const { offset, size } of segments) {
    const last = runs.at(-1);
    if (last !== undefined && last.offset + last.size === offset) last.size += size;
    else runs.push({ offset, size });
  }
  return runs;
}

function joinedColumns(tf: TensorLibrary, parts: Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
}
