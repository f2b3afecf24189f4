import type { Compute, Shape, TensorMap } from '../../../core/plugin-api/index.js';

export type TensorLibrary = Compute['tf'];
export type Tensor = TensorMap[string];

/** A linear layer: `weight` is [inputs, outputs], `bias` is [outputs]. */
export interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Inputs and outputs of a network's linear layers, in order. */
export type LayerSizes = readonly (readonly [inputs: number, outputs: number])[];

export function parameterCount(sizes: LayerSizes): number {
  return sizes.reduce((sum, [inputs, outputs]) => sum + (inputs + 1) * outputs, 0);
}

/** A network's parameters are one vector, weight and bias of each layer in turn: so the optimiser runs once, not once a layer. */
export function layersOf(tf: TensorLibrary, parameters: Tensor, sizes: LayerSizes): Layer[] {
  const lengths = sizes.flatMap(([inputs, outputs]) => [inputs * outputs, outputs]);
  const parts = tf.split(parameters, lengths, 0);
  return sizes.map(([inputs, outputs], layer) => ({
    weight: tf.reshape(parts[2 * layer]!, [inputs, outputs]),
    bias: parts[2 * layer + 1]!,
  }));
}

/** The vector of {@link layersOf}. */
export function flatten(tf: TensorLibrary, layers: readonly Layer[]): Tensor {
  return tf.concat(
    layers.flatMap(({ weight, bias }) => [tf.reshape(weight, [-1]), tf.reshape(bias, [-1])]),
    0,
  );
}

export const SCALAR: Shape = [];
