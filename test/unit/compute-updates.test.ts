import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/core/compute/checks.js';
import { createCompute } from '../../src/core/compute/index.js';
import { recordStep } from '../../src/core/compute/recording/record-step.js';
import { splitUpdates } from '../../src/core/compute/updates/split-updates.js';
import { UpdateProgram } from '../../src/core/compute/updates/update-program.js';
import {
  Adam,
  type EntryPoint,
  type Feed,
  RandomStream,
  type Shapes,
  type Tensor,
  type TensorLibrary,
  type TensorMap,
} from '../../src/core/plugin-api/index.js';

const mine = await createCompute({ executor: 'onnx-cpu' });
const reference = await createCompute({ executor: 'cpu' });
const random = new RandomStream(5, 'updates');
const STEPS = 4;

/** Positive numbers, so that roots and quotients are defined. */
function draw(shapes: Shapes): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + random.next()),
    ]),
  );
}

interface Case {
  readonly name: string;
  readonly state: Shapes;
  readonly inputs: Shapes;
  readonly step: (tf: TensorLibrary) => EntryPoint['step'];
  readonly feed?: Feed;
}

const adam = new Adam(0.5, 0.9);
/** A product of matrices is no update: what reads it is. */
const product = (tf: TensorLibrary, x: Tensor) => tf.matMul(x, x, true);

/** A step of Adam, with weight decay, that makes the loss of one tensor less. */
function learn(tf: TensorLibrary, state: TensorMap, inputs: TensorMap, name: string, loss: (x: Tensor) => Tensor) {
  const { value, grads } = tf.valueAndGrads((x) => tf.reshape(loss(x!), []))([state[name]!]);
  return { state: adam.update(tf, state, { [name]: grads[0]! }, inputs, 0.1), outputs: { loss: value } };
}

const CASES: readonly Case[] = [
  ...[1, 3, 4, 7].map((n): Case => ({
    name: `each operation, ${n} × ${n}`,
    state: { s: [n, n], t: [n, n] },
    inputs: { x: [2, n] },
    step:
      (tf) =>
      ({ s, t }, { x }) => {
        const g = product(tf, x!);
        const least = tf.minimum(tf.maximum(tf.abs(tf.neg(tf.sub(s!, g))), 0.2), tf.addN([g, t!, t!]));
        return { state: { s: tf.div(least, tf.sqrt(g)), t: tf.add(tf.mul(t!, 0.5), g) } };
      },
  })),
  {
    name: 'each new tensor made of the old ones',
    state: { s: [5], t: [5], count: [] },
    inputs: { x: [2, 5] },
    step:
      (tf) =>
      ({ s, t, count }, { x }) => ({
        state: { s: tf.add(t!, tf.mean(x!, 0)), t: tf.mul(s!, count!), count: tf.add(count!, tf.mean(x!)) },
      }),
  },
  {
    name: 'a new tensor that an output or the rest of the step reads too',
    state: { s: [6], t: [6], u: [6] },
    inputs: { x: [2, 6] },
    step:
      (tf) =>
      ({ s, t, u }, { x }) => {
        const next = tf.add(s!, tf.mean(x!, 0));
        const shares = tf.softmax(tf.add(t!, u!));
        return { state: { s: next, t: tf.mul(shares, u!), u: shares }, outputs: { next, sum: tf.sum(shares) } };
      },
  },
  {
    name: 'constants and inputs of the same shape, and nothing else to run',
    state: { s: [6] },
    inputs: { x: [6] },
    step:
      (tf) =>
      ({ s }, { x }) => ({ state: { s: tf.sub(tf.mul(s!, tf.tensor1d([1, 2, 3, 4, 5, 6])), x!) } }),
  },
  {
    name: 'constants and inputs of the same shape',
    state: { s: [6] },
    inputs: { x: [6] },
    step:
      (tf) =>
      ({ s }, { x }) => ({
        state: { s: tf.sub(tf.mul(s!, tf.tensor1d([1, 2, 3, 4, 5, 6])), x!) },
        outputs: { sum: tf.sum(x!) },
      }),
  },
  ...[1, 3, 4, 10].map((columns): Case => ({
    name: `Adam on a table of ${columns} columns that is looked up, and multiplied`,
    state: adam.state({ table: [5, columns] }),
    inputs: { ids: [4], ...adam.inputs },
    feed: { ids: Float32Array.of(3, 0, 3, 4), ...adam.scalars(0.01, 3) },
    step: (tf) => (state, inputs) =>
      learn(tf, state, inputs, 'table', (table) => {
        const looked = tf.gather(table, tf.cast(inputs['ids']!, 'int32'));
        return tf.add(tf.sum(tf.square(looked)), tf.sum(tf.tanh(product(tf, table))));
      }),
  })),
  ...[1, 4, 7].map((columns): Case => ({
    name: `Adam on a table of ${columns} columns of which parts are looked up, and parts multiplied`,
    state: adam.state({ table: [9, columns] }),
    inputs: { ids: [4], more: [3], x: [4, 2], ...adam.inputs },
    feed: { ids: Float32Array.of(3, 0, 3, 4), more: Float32Array.of(1, 1, 0), ...adam.scalars(0.01, 3) },
    step: (tf) => (state, inputs) =>
      learn(tf, state, inputs, 'table', (table) => {
        const [looked, multiplied, also] = tf.split(tf.mul(table, 2), [5, 2, 2], 0);
        const rowsOf = (part: Tensor, ids: Tensor) => tf.gather(part, tf.cast(ids, 'int32'));
        const sum = tf.add(rowsOf(looked!, inputs['ids']!), tf.matMul(inputs['x']!, multiplied!));
        return tf.add(tf.sum(tf.square(sum)), tf.sum(tf.tanh(rowsOf(also!, inputs['more']!))));
      }),
  })),
  {
    name: 'sums by segment that are joined with what the state holds, or twice',
    state: { s: [4, 3], t: [5, 3], u: [4, 3] },
    inputs: { x: [4, 3], ids: [4] },
    feed: { ids: Float32Array.of(1, 1, 0, 1) },
    step:
      (tf) =>
      ({ s, t, u }, { x, ids }) => {
        const sums = tf.unsortedSegmentSum(tf.tanh(x!), tf.cast(ids!, 'int32') as never, 2);
        const others = tf.unsortedSegmentSum(tf.exp(x!), tf.cast(ids!, 'int32') as never, 2);
        const part = tf.slice(tf.tanh(t!), [0, 0], [2, 3]);
        return {
          state: {
            s: tf.add(s!, tf.concat([sums, sums], 0)),
            t: tf.add(
              t!,
              tf.concat([tf.slice(s!, [0, 0], [2, 3]), others, tf.mul(tf.slice(u!, [0, 0], [1, 3]), 2)], 0),
            ),
            u: tf.add(u!, tf.concat([part, tf.neg(part)], 0)),
          },
          outputs: { x: tf.sum(x!) },
        };
      },
  },
  {
    name: 'sums by segment without rows of no segment',
    state: { s: [3, 5] },
    inputs: { x: [4, 5], ids: [4] },
    feed: { ids: Float32Array.of(2, -1, 2, 0) },
    step:
      (tf) =>
      ({ s }, { x, ids }) => {
        const sums = tf.unsortedSegmentSum(tf.tanh(x!), tf.cast(ids!, 'int32') as never, 3);
        return { state: { s: tf.add(s!, sums) }, outputs: { x: tf.sum(x!) } };
      },
  },
];

describe('the updates at the end of a step', () => {
  it.each(CASES)('$name: the state and the outputs of the reference', async ({ state, inputs, step, feed }) => {
    const start = draw(state);
    const feeds = Array.from({ length: STEPS }, () => ({ ...draw(inputs), ...feed }));
    const [actual, expected] = await Promise.all(
      [mine, reference].map(async (compute) => {
        const program = await compute.compile({ state, inputs }, step(compute.tf));
        await program.setState(start);
        const outputs: Feed[] = [];
        for (const one of feeds) outputs.push(await program.run(one));
        const final = await program.getState();
        program.dispose();
        return { outputs, final };
      }),
    );
    for (const [name, values] of Object.entries(expected!.final)) expectClose(actual!.final[name]!, values);
    expected!.outputs.forEach((output, i) => {
      for (const [name, values] of Object.entries(output)) expectClose(actual!.outputs[i]![name]!, values);
    });
  });

  it('are all that reads a gradient: the graph is left with products and a loss', () => {
    const { graph, updates } = splitUpdates(
      recordStep(mine.tf, 'onnx-cpu', 'train', adam.state({ w: [8, 3] }), {
        inputs: { x: [4, 8], ...adam.inputs },
        step: (state, inputs) =>
          learn(mine.tf, state, inputs, 'w', (w) => mine.tf.sum(mine.tf.tanh(mine.tf.matMul(inputs['x']!, w)))),
      }),
    );
    expect(Object.keys(updates!.results).toSorted()).toEqual(['m:w', 'v:w', 'w']);
    expect(updates!.leaves.filter(({ from }) => 'output' in from)).toHaveLength(1);
    expect(graph.nodes.map(({ kernel }) => kernel)).not.toContain('Sqrt');
    expect(Object.keys(graph.outputs)).not.toContain('next:w');
  });

  it('join the sums of looked-up parts of a tensor with its other rows', () => {
    const { tf } = mine;
    const { graph, updates } = splitUpdates(
      recordStep(tf, 'onnx-cpu', 'train', adam.state({ w: [9, 3] }), {
        inputs: { x: [4, 4], ids: [4], ...adam.inputs },
        step: (state, inputs) =>
          learn(tf, state, inputs, 'w', (w) => {
            const [looked, multiplied] = tf.split(w, [5, 4], 0);
            const rows = tf.gather(looked!, tf.cast(inputs['ids']!, 'int32'));
            return tf.sum(tf.square(tf.add(rows, tf.matMul(inputs['x']!, multiplied!))));
          }),
      }),
    );
    expect(updates!.nodes.map(({ kernel }) => kernel)).toEqual(
      expect.arrayContaining(['Concat', 'UnsortedSegmentSum']),
    );
    const left = graph.nodes.map(({ kernel }) => kernel);
    expect(left).not.toContain('Concat');
    expect(left).not.toContain('UnsortedSegmentSum');
  });

  it('are left in the graph where their tensors are more than a memory holds', async () => {
    const updates = { nodes: [], results: {}, leaves: [] };
    expect(await UpdateProgram.create({ w: [1000] }, { train: updates }, 3999)).toBeNull();
    expect(await UpdateProgram.create({ w: [1000] }, { train: updates }, 4096)).not.toBeNull();
  });
});

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value))),
  );
}
