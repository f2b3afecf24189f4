import type { Tensor, TensorMap } from '../../../core/plugin-api/index.js';

/** The tensors of those names, without the prefix of the optimiser's own. */
export function pick(tensors: TensorMap, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, tensors[name]!]));
}
