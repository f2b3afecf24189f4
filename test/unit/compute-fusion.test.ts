import ort, { type InferenceSession } from 'onnxruntime-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import { fuseBounds } from '../../src/core/compute/recording/fuse-bounds.js';
import { scatterSums } from '../../src/core/compute/recording/scatter-sums.js';
import type { Graph } from '../../src/core/compute/recording/graph.js';
import { multiplicationsPerKernel } from '../../src/core/compute/recording/multiplications.js';
import { recordStep } from '../../src/core/compute/recording/record-step.js';
import type { Tensor, TensorMap } from '../../src/core/plugin-api/index.js';

const { tf } = await createCompute({ executor: 'onnx-cpu' });

function graphOf(outputs: (x: Tensor) => TensorMap): Graph {
  return recordStep(
    tf,
    'onnx-cpu',
    'run',
    {},
    { inputs: { x: [4, 6] }, step: (_, { x }) => ({ outputs: outputs(x!) }) },
  );
}

function kernelsOf({ nodes }: Graph): string[] {
  return nodes.map(({ kernel }) => kernel);
}

function places() {
  return tf.tensor1d([3, 0, 3], 'int32');
}

/** A look-up in x's rows or numbers, and the gradient of it and of what else is done to them. */
function gradientOf(shape: number[], otherwise: (x: Tensor) => Tensor): Graph {
  return graphOf((x) => {
    const read = tf.reshape(tf.square(x), shape);
    const loss = (y: Tensor) => tf.add(tf.sum(tf.exp(tf.gather(y, places()))), tf.sum(otherwise(y)));
    return { gradient: tf.grad(loss)(read) };
  });
}

describe('bounds', () => {
  it('of both sides are one kernel', () => {
    const { nodes } = fuseBounds(graphOf((x) => ({ y: tf.clipByValue(x, -2, 3) })));
    expect(nodes.map(({ kernel, attributes }) => [kernel, attributes])).toEqual([
      ['ClipByValue', { minimum: -2, maximum: 3 }],
    ]);
  });

  it('of which the lower alone is read too stay two', () => {
    const graph = graphOf((x) => {
      const raised = tf.maximum(x, -2);
      return { y: tf.minimum(raised, 3), raised };
    });
    expect(fuseBounds(graph)).toEqual(graph);
  });

  it('that give x another shape stay two', () => {
    const graph = graphOf((x) => ({ y: tf.minimum(tf.maximum(tf.sum(x), tf.tensor2d([[-2]])), 3) }));
    expect(fuseBounds(graph)).toEqual(graph);
  });

  it('that are no constants stay two', () => {
    const graph = graphOf((x) => ({ y: tf.minimum(tf.maximum(x, tf.mean(x)), 3) }));
    expect(fuseBounds(graph)).toEqual(graph);
  });
});

describe('sums by segment', () => {
  it.each([[[24]], [[4, 6]]])('of a look-up of %s are added to the rest of the gradient', (shape) => {
    const graph = gradientOf(shape, (y) => tf.sin(y));
    const { nodes } = scatterSums(graph);
    expect(kernelsOf(graph)).toContain('UnsortedSegmentSum');
    const last = nodes.at(-1)!;
    expect([last.kernel, last.inputs.map((input) => input.shape)]).toEqual([
      'ScatterSum',
      [[3, ...shape.slice(1)], [3], shape],
    ]);
    expect(kernelsOf({ ...graph, nodes })).not.toContain('Add');
  });

  it('whose segments nobody looked up stay', () => {
    const graph = graphOf((x) => ({ y: tf.add(x, tf.unsortedSegmentSum(x, tf.tensor1d([1, -1, 1, 3], 'int32'), 4)) }));
    expect(scatterSums(graph)).toEqual(graph);
  });

  it('that something else reads too are added to nothing', () => {
    const graph = graphOf((x) => {
      const read = places();
      const sums = tf.unsortedSegmentSum(tf.gather(x, read), read, 4);
      return { y: tf.add(tf.exp(x), sums), sums };
    });
    expect(kernelsOf(graph)).toEqual(['GatherV2', 'UnsortedSegmentSum', 'Exp', 'Add']);
    expect(kernelsOf(scatterSums(graph))).toEqual(['GatherV2', 'ScatterSum', 'Exp', 'Add']);
  });
});

describe('threads', () => {
  afterEach(() => vi.restoreAllMocks());

  it('are counted upon where kernels multiply a lot', () => {
    const graph = graphOf((x) => ({ y: tf.tanh(tf.matMul(x, x, true, false)) }));
    expect(kernelsOf(graph)).toEqual(['MatMul', 'Tanh']);
    expect(multiplicationsPerKernel(graph)).toBe((6 * 4 * 6) / 2);
  });

  it.each([
    ['two of a large product', 512, 2],
    ['one of a small one', 16, 1],
  ])('are %s', async (_, size, threads) => {
    const created = vi.spyOn(ort.InferenceSession, 'create');
    const compute = await createCompute({ executor: 'onnx-cpu', threads: 2 });
    const program = await compute.compile({ state: {}, inputs: { x: [size, size] } }, (_state, { x }) => ({
      outputs: { y: compute.tf.matMul(x!, x!) },
    }));
    program.dispose();
    const options = created.mock.lastCall![1] as unknown as InferenceSession.SessionOptions;
    expect(options.intraOpNumThreads).toBe(threads);
  });
});
