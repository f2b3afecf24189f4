import type * as tf from '@tensorflow/tfjs-core';
import { reduceShape, resolveAxes } from '../recording/shapes.js';
import { sumToShape } from './sum-to-shape.js';

/** Gradients of reductions, softmax, products of matrices, and running and segmented sums. */
export function reductionGradients(library: typeof tf): tf.GradConfig[] {
  const { cast, equal, exp, matMul, mul, reshape, scalar, sub, sum } = library;

  /** The gradient at a reduction's output, with the reduced axes back as axes of length one. */
  const kept = (dy: tf.Tensor, x: tf.Tensor, axis: unknown): tf.Tensor => {
    const axes = resolveAxes(axis as number | number[] | null | undefined, x.rank);
    return reshape(dy, reduceShape(x.shape, axes, true));
  };
  const extreme = (kernelName: string): tf.GradConfig => ({
    kernelName,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const [x, y] = saved as [tf.Tensor, tf.Tensor];
      const axis = attributes['axis'] ?? attributes['reductionIndices'];
      return { x: () => mul(kept(dy as tf.Tensor, x, axis), cast(equal(x, kept(y, x, axis)), 'float32')) };
    },
  });

  return [
    {
      kernelName: 'Sum',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attributes) => ({
        x: () => library.broadcastTo(kept(dy as tf.Tensor, x!, attributes['axis']), x!.shape),
      }),
    },
    {
      kernelName: 'Mean',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attributes) => ({
        x: () => {
          const share = mul(dy as tf.Tensor, scalar((dy as tf.Tensor).size / x!.size));
          return library.broadcastTo(kept(share, x!, attributes['axis']), x!.shape);
        },
      }),
    },
    extreme('Max'),
    extreme('Min'),
    {
      kernelName: 'Softmax',
      outputsToSave: [true],
      gradFunc: (dy, [y], attributes) => ({
        logits: () => {
          const weighted = mul(dy as tf.Tensor, y!);
          return sub(weighted, mul(sum(weighted, [Number(attributes['dim'])], true), y!));
        },
      }),
    },
    {
      kernelName: 'LogSoftmax',
      outputsToSave: [true],
      gradFunc: (dy, [y], attributes) => ({
        logits: () => {
          const total = sum(dy as tf.Tensor, [Number(attributes['axis'])], true);
          return sub(dy as tf.Tensor, mul(total, exp(y!)));
        },
      }),
    },
    {
      kernelName: 'BatchMatMul',
      inputsToSave: ['a', 'b'],
      gradFunc: (gradient, saved, { transposeA, transposeB }) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor];
        const dy = gradient as tf.Tensor;
        const da = () => (transposeA ? matMul(b, dy, Boolean(transposeB), true) : matMul(dy, b, false, !transposeB));
        const db = () => (transposeB ? matMul(dy, a, true, Boolean(transposeA)) : matMul(a, dy, !transposeA, false));
        return { a: () => sumToShape(library, da(), a.shape), b: () => sumToShape(library, db(), b.shape) };
      },
    },
    {
      kernelName: 'Cumsum',
      gradFunc: (dy, _, { axis, exclusive, reverse }) => ({
        x: () => library.cumsum(dy as tf.Tensor, Number(axis), Boolean(exclusive), !reverse),
      }),
    },
    {
      kernelName: 'UnsortedSegmentSum',
      inputsToSave: ['segmentIds'],
      gradFunc: (dy, [segments]) => ({ x: () => library.gather(dy as tf.Tensor, segments as tf.Tensor1D) }),
    },
  ];
}
