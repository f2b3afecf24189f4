import { sizeOf } from '../checks.js';
import type { Graph } from './graph.js';

/** Multiplications in products of matrices, over the number of all kernels: how much there is to share out among threads. */
export function multiplicationsPerKernel({ nodes }: Graph): number {
  const products = nodes.filter(({ kernel }) => kernel === 'MatMul');
  const total = products.reduce((sum, { inputs: [a], outputs: [product], attributes }) => {
    const summed = a!.shape.at(attributes['transposeA'] ? -2 : -1)!;
    return sum + sizeOf(product!.shape) * summed;
  }, 0);
  return total / Math.max(nodes.length, 1);
}
