import type { Compute, ProgramSet, Shape, Shapes, TensorMap } from '../../../../core/plugin-api/index.js';
import type { Layout } from '../network/layout.js';
import { crossEntropy, logitsOf, networkShapes, perToken, probabilitiesOf } from '../network/network.js';
import { adam } from './optimiser.js';

export type TrainingEntry = 'train' | 'evaluate' | 'shares';

export function trainingState(layout: Layout): Shapes {
  return adam.state(networkShapes(layout));
}

/**
 * `train`: a step of training. `evaluate`: the loss of rows, without one. Both give `loss`, the batch's sum of nats.
 * `shares`: each token's probability given the fields before it, summed over the rows.
 * @param given rows of a batch, its first, in which cells are given.
 */
export function compileTraining(
  compute: Compute,
  layout: Layout,
  batch: number,
  given: number,
): Promise<ProgramSet<TrainingEntry>> {
  const { tf } = compute;
  const inputs: Record<string, Shape> = {
    rows: [batch, layout.width],
    weight: [batch, layout.fields],
  };
  // Without given cells there is nothing to learn from their mask.
  const names = Object.keys(networkShapes(layout)).filter((name) => given > 0 || name !== 'known');
  const lossOf = (weights: TensorMap, { rows, known, weight }: TensorMap) =>
    crossEntropy(tf, layout, logitsOf(tf, layout, weights, rows!, known ?? null), rows!, weight!);
  return compute.compileSet({
    state: trainingState(layout),
    entries: {
      train: {
        inputs: { ...inputs, ...adam.inputs, ...(given > 0 && { known: [given, layout.fields] }) },
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
          return { state: adam.update(tf, state, gradients, feed), outputs: { loss } };
        },
      },
      evaluate: { inputs, step: (state, feed) => ({ outputs: { loss: lossOf(state, feed) } }) },
      shares: {
        inputs,
        step: (state, { rows, weight }) => {
          const logits = logitsOf(tf, layout, state, rows!, null);
          return {
            outputs: { shares: tf.sum(tf.mul(probabilitiesOf(tf, layout, logits), perToken(tf, layout, weight!)), 0) },
          };
        },
      },
    },
  });
}
