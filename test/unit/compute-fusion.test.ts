import ort, { type InferenceSession } from 'onnxruntime-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import { fuseBounds } from '../../src/core/compute/recording/fuse-bounds.js';
import { fuseSegmentSums } from '../../src/core/compute/recording/fuse-segment-sums.js';
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

/** The first three numbers of x, at two of its places. */
function sums(x: Tensor): Tensor {
  return tf.unsortedSegmentSum(tf.slice(tf.reshape(x, [-1]), [0], [3]), tf.tensor1d([5, 0, 5], 'int32'), 24);
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

  it('that are no constants stay two', () => {
    const graph = graphOf((x) => ({ y: tf.minimum(tf.maximum(x, tf.mean(x)), 3) }));
    expect(fuseBounds(graph)).toEqual(graph);
  });
});

describe('sums by segment', () => {
  it('of numbers are added to what they are added to anyway', () => {
    const graph = graphOf((x) => ({ y: tf.add(tf.exp(x), tf.reshape(sums(x), [4, 6])) }));
    const { nodes } = fuseSegmentSums(graph);
    expect(kernelsOf(graph).slice(-2)).toEqual(['Reshape', 'Add']);
    const last = nodes.at(-1)!;
    expect([last.kernel, last.outputs[0]!.shape]).toEqual(['UnsortedSegmentSum', [4, 6]]);
    expect(nodes.find(({ kernel }) => kernel === 'Exp')!.outputs[0]).toBe(last.inputs[2]);
  });

  it('that something else reads too stay', () => {
    const graph = graphOf((x) => {
      const read = sums(x);
      return { y: tf.add(tf.exp(x), tf.reshape(read, [4, 6])), read };
    });
    expect(fuseSegmentSums(graph)).toEqual(graph);
  });

  it('of rows stay', () => {
    const graph = graphOf((x) => ({ y: tf.add(x, tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1, 3], 'int32'), 4)) }));
    expect(fuseSegmentSums(graph)).toEqual(graph);
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
