import type { Compute, Shape, TensorMap } from '../../../core/plugin-api/index.js';

export type TensorLibrary = Compute['tf'];
export type Tensor = TensorMap[string];
export type Shapes = Readonly<Record<string, Shape>>;

/** The tensors of those names, without the prefix of the optimiser's own. */
export function pick(tensors: TensorMap, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, tensors[name]!]));
}
