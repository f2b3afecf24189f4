import type { Compute, ProgramSet, Shape, Shapes, Tensor, TensorMap } from '../../../../core/plugin-api/index.js';
import type { Layout } from '../network/layout.js';
import { tokenBlocks } from '../network/blocks.js';
import { crossEntropy, logitsOf } from '../network/network.js';
import { isReadOneHot } from '../network/unit-sums.js';
import {
  anchorShapes,
  holdBack,
  partShapes,
  type Prior,
  priorInputs,
  tokenWeights,
  wholeWeights,
} from '../network/prior.js';
import { adam } from './optimiser.js';

export type TrainingEntry = 'train' | 'weights';

/** The input that has the one-hot tokens of a block of fields, where hidden units read them. */
export function oneHotName(block: number): string {
  return `oneHot${block}`;
}

export function trainingState(layout: Layout, prior: Prior): Shapes {
  return { ...adam.state(partShapes(layout, prior)), ...anchorShapes(layout, prior) };
}

/**
 * `train`: a step of training; gives `loss`, the batch's sum of nats. `weights`: the network's weights that are
 * trained in parts, as a whole.
 * @param given rows of a batch, its first, in which cells are given.
 */
export function compileTraining(
  compute: Compute,
  layout: Layout,
  batch: number,
  given: number,
  prior: Prior,
): Promise<ProgramSet<TrainingEntry>> {
  const { tf } = compute;
  const blocks = tokenBlocks(layout);
  const inputs: Record<string, Shape> = {
    tokens: [layout.fields, batch],
    cells: [batch, layout.fields],
  };
  blocks.forEach((block, b) => {
    if (isReadOneHot(layout, block)) inputs[oneHotName(b)] = [batch, block.own];
  });
  // Without given cells there is nothing to learn from their mask.
  const names = Object.keys(partShapes(layout, prior)).filter((name) => given > 0 || name !== 'known');
  const lossOf = (parts: TensorMap, feed: TensorMap): Tensor => {
    const weights = wholeWeights(tf, layout, prior, parts);
    const oneHot = new Map(blocks.flatMap((_, b) => (oneHotName(b) in feed ? [[b, feed[oneHotName(b)]!]] : [])));
    const rows = { tokens: feed['tokens']!, oneHot, known: feed['known'] ?? null };
    const target = { cells: feed['cells']!, tokens: feed['tokens']! };
    return crossEntropy(tf, layout, logitsOf(tf, layout, weights, rows), target);
  };
  return compute.compileSet({
    state: trainingState(layout, prior),
    entries: {
      train: {
        inputs: {
          ...inputs,
          ...adam.inputs,
          ...priorInputs(prior),
          ...(given > 0 && { known: [given, layout.fields] }),
        },
        step: (state, feed) => {
          const differentiate = tf.valueAndGrads((...values) =>
            tf.mul(
              lossOf({ ...state, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) }, feed),
              1 / batch,
            ),
          );
          const { value, grads } = differentiate(names.map((name) => state[name]!));
          const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
          const loss = tf.mul(value, batch);
          const held = holdBack(tf, layout, prior, state, gradients, feed);
          return { state: adam.update(tf, state, held, feed), outputs: { loss } };
        },
      },
      weights: {
        inputs: {},
        step: (state) => {
          const weights = wholeWeights(tf, layout, prior, state);
          // An output is a tensor of its own.
          const copies = [tokenWeights(layout), 'output'].map((name) => [name, tf.mul(weights[name]!, 1)] as const);
          return { outputs: Object.fromEntries(copies) };
        },
      },
    },
  });
}
