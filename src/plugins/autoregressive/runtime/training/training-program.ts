import type { Compute, ProgramSet, Shape, Shapes, TensorMap } from '../../../../core/plugin-api/index.js';
import type { Layout } from '../network/layout.js';
import { crossEntropy, logitsOf } from '../network/network.js';
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
  const inputs: Record<string, Shape> = {
    rows: [batch, layout.width],
    weight: [batch, layout.fields],
  };
  // Without given cells there is nothing to learn from their mask.
  const names = Object.keys(partShapes(layout, prior)).filter((name) => given > 0 || name !== 'known');
  const lossOf = (parts: TensorMap, { rows, known, weight }: TensorMap) => {
    const weights = wholeWeights(tf, layout, prior, parts);
    return crossEntropy(tf, layout, logitsOf(tf, layout, weights, rows!, known ?? null), rows!, weight!);
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
