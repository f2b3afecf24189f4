import type * as tf from '@tensorflow/tfjs-core';
import { resolveAxes } from '../recording/shapes.js';
import { sumToShape } from './sum-to-shape.js';

/** Gradients of the kernels that only move numbers. */
export function layoutGradients(library: typeof tf): tf.GradConfig[] {
  const { concat, reshape, split, transpose } = library;
  const back = (kernelName: string, input: string): tf.GradConfig => ({
    kernelName,
    inputsToSave: [input],
    gradFunc: (dy, [x]) => ({ [input]: () => reshape(dy as tf.Tensor, x!.shape) }),
  });

  return [
    back('Reshape', 'x'),
    back('ExpandDims', 'input'),
    {
      kernelName: 'Transpose',
      gradFunc: (dy, _, { perm }) => ({
        x: () => {
          const inverse: number[] = [];
          (perm as number[]).forEach((from, to) => (inverse[from] = to));
          return transpose(dy as tf.Tensor, inverse);
        },
      }),
    },
    {
      kernelName: 'Concat',
      saveAllInputs: true,
      gradFunc: (dy, saved, attributes) => {
        const axis = resolveAxes(attributes['axis'] as number, saved[0]!.rank)[0]!;
        const sizes = saved.map((tensor) => tensor.shape[axis]!);
        const parts = split(dy as tf.Tensor, sizes, axis);
        return Object.fromEntries(parts.map((part, i) => [i, () => part]));
      },
    },
    {
      kernelName: 'SplitV',
      gradFunc: (dy, _, { axis }) => ({ x: () => concat(listOf(dy), axis as number) }),
    },
    {
      kernelName: 'Slice',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], { begin, size }) => ({
        x: () => {
          const from = begin as number[];
          const paddings = x!.shape.map((length, i): [number, number] => {
            const taken = (size as number[])[i]! < 0 ? length - from[i]! : (size as number[])[i]!;
            return [from[i]!, length - from[i]! - taken];
          });
          return library.pad(dy as tf.Tensor, paddings);
        },
      }),
    },
    {
      kernelName: 'PadV2',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], { paddings }) => ({
        x: () =>
          library.slice(
            dy as tf.Tensor,
            (paddings as number[][]).map((pair) => pair[0]!),
            x!.shape,
          ),
      }),
    },
    {
      kernelName: 'BroadcastTo',
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => sumToShape(library, dy as tf.Tensor, x!.shape) }),
    },
    {
      kernelName: 'Tile',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], { reps }) => ({
        x: () => {
          const apart = x!.shape.flatMap((length, i) => [(reps as number[])[i]!, length]);
          const repeated = x!.shape.map((_, i) => 2 * i);
          return library.sum(reshape(dy as tf.Tensor, apart), repeated);
        },
      }),
    },
    {
      kernelName: 'Pack',
      saveAllInputs: true,
      gradFunc: (dy, saved, { axis }) => {
        const parts = library.unstack(dy as tf.Tensor, axis as number);
        return Object.fromEntries(saved.map((_, i) => [i, () => parts[i]!]));
      },
    },
    {
      kernelName: 'Unpack',
      gradFunc: (dy, _, { axis }) => ({ value: () => library.stack(listOf(dy), axis as number) }),
    },
    {
      kernelName: 'GatherV2',
      inputsToSave: ['x', 'indices'],
      gradFunc: (dy, saved, { axis }) => {
        const [x, indices] = saved as [tf.Tensor, tf.Tensor];
        if (axis !== 0 || indices.rank !== 1) throw new Error('tf.gather is differentiated along its first axis only');
        const sums = () => library.unsortedSegmentSum(dy as tf.Tensor, indices as tf.Tensor1D, x.shape[0]!);
        return { x: sums, indices: () => library.zerosLike(indices) };
      },
    },
  ];
}

/** The gradient at a kernel's outputs comes bare when there is one output. */
function listOf(dy: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  return Array.isArray(dy) ? dy : [dy];
}
