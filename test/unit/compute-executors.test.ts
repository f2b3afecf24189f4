import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComputeError, createCompute, EXECUTOR_NAMES } from '../../src/core/compute/index.js';
import type { Compute, Feed, ProgramSet, TensorMap } from '../../src/core/plugin-api/index.js';
import { BATCH, compileNetwork, ROWS, START } from '../support/compute-network.js';
import { OPERATIONS, type Operation } from '../support/compute-operations.js';

/**
 * Every executor that this machine can run does the same as TensorFlow.js's own. Those that cannot run here say why in
 * the name of their test; REQUIRED_EXECUTORS (names, comma separated) turns that into a failure, as CI does.
 */
const required = new Set((process.env['REQUIRED_EXECUTORS'] ?? 'cpu,onnx-cpu,wasm').split(','));
const found: { readonly name: string; readonly outcome: Compute | Error }[] = [];
// One after the other: a backend of TensorFlow.js that is still starting stands in the way of the others.
for (const name of EXECUTOR_NAMES) {
  const outcome = await createCompute({ executor: name, tensorflowFolder: process.env['TFJS_NODE_DIR'] }).catch(
    (error: unknown) => error as Error,
  );
  found.push({ name, outcome });
}
const reference = await createCompute({ executor: 'cpu' });
const present = found.flatMap(({ name, outcome }) => (outcome instanceof Error ? [] : [{ name, compute: outcome }]));
const absent = found.flatMap(({ name, outcome }) => (outcome instanceof Error ? [{ name, error: outcome }] : []));

const SHAPES = { a: [3, 4], b: [3, 4], row: [4], m: [4, 3] };
const sample = (length: number, offset: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + offset) * 1.3 + 0.013 * i);
const VALUES: Feed = { a: sample(12, 0.3), b: sample(12, 2), row: sample(4, 4), m: sample(12, 5) };
const POSITIVE: Feed = Object.fromEntries(
  Object.entries(VALUES).map(([name, values]) => [name, values.map((value) => Math.abs(value) + 0.3)]),
);

function valuesFor({ positive }: Operation): Feed {
  return positive ? POSITIVE : VALUES;
}

/** The operation's result, and the gradients of a weighted sum of it. */
async function evaluate(compute: Compute, operation: Operation) {
  const { tf } = compute;
  const program = await compute.compile({ state: {}, inputs: SHAPES }, (_, inputs) => {
    const names = Object.keys(SHAPES);
    const run = (values: readonly TensorMap[string][]) =>
      operation.run(tf, Object.fromEntries(names.map((name, i) => [name, values[i]!])) as never);
    const result = run(names.map((name) => inputs[name]!));
    if (operation.flat) return { outputs: { result } };
    const weighted = (...values: TensorMap[string][]) => {
      const y = tf.reshape(run(values), [-1]);
      const touched = tf.addN(values.map((value) => tf.mul(tf.sum(value), 1e-3)));
      return tf.add(tf.sum(tf.mul(y, tf.add(tf.mul(tf.range(0, y.size, 1), 0.1), 0.5))), touched);
    };
    const { value, grads } = tf.valueAndGrads(weighted as never)(names.map((name) => inputs[name]!));
    return {
      outputs: { result, total: value, ...Object.fromEntries(names.map((name, i) => [`grad_${name}`, grads[i]!])) },
    };
  });
  const outputs = await program.run(valuesFor(operation));
  const totalAt = async (feed: Feed) => (await program.run(feed))['total']![0]!;
  return { outputs, totalAt, dispose: () => program.dispose() };
}

/** Largest difference, relative to the largest value, or to `floor` where that is more. */
function difference(actual: Float32Array, expected: Float32Array, floor = 1e-6): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), floor);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / largest;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('gradients', () => {
  it.each(OPERATIONS.filter(({ flat }) => !flat))('$name: equal to finite differences', async (operation) => {
    const { outputs, totalAt, dispose } = await evaluate(reference, operation);
    const feed = valuesFor(operation);
    const h = 1 / 256;
    for (const name of Object.keys(SHAPES)) {
      const numeric = new Float32Array(feed[name]!.length);
      for (let i = 0; i < numeric.length; i++) {
        const moved = (by: number) => ({
          ...feed,
          [name]: feed[name]!.map((value, j) => (j === i ? value + by : value)),
        });
        numeric[i] = ((await totalAt(moved(h))) - (await totalAt(moved(-h)))) / (2 * h);
      }
      // Float32 sums of about 10 leave an error of about 1e-6 / h in a difference quotient.
      expect(difference(outputs[`grad_${name}`]!, numeric, 1)).toBeLessThan(5e-3);
    }
    dispose();
  });
});

/** WebGPU asks of sine and cosine no more than an absolute error of 2^-11 (WGSL, "Accuracy of built-in functions"). */
function toleranceOf(executor: string, operation: Operation): number {
  return executor === 'onnx-webgpu' && ['sin', 'cos'].includes(operation.name) ? 2 ** -10 : 2e-5;
}

describe.each(present)('$name', ({ name, compute }) => {
  it.each(OPERATIONS)('$name: the reference executor agrees, forward and backward', async (operation) => {
    const [mine, expected] = [await evaluate(compute, operation), await evaluate(reference, operation)];
    for (const [output, values] of Object.entries(expected.outputs)) {
      expect(difference(mine.outputs[output]!, values)).toBeLessThan(toleranceOf(name, operation));
    }
    mine.dispose();
    expected.dispose();
  });

  describe('a network', () => {
    let mine: ProgramSet<'train' | 'predict'>;
    let expected: ProgramSet<'train' | 'predict'>;
    beforeAll(async () => {
      [mine, expected] = [await compileNetwork(compute), await compileNetwork(reference)];
    });
    afterAll(() => {
      mine.dispose();
      expected.dispose();
    });

    it('after 20 steps of Adam has the state of the reference within 1e-4', async () => {
      for (const programs of [mine, expected]) {
        await programs.setState(START);
        for (let step = 0; step < 20; step++) await programs.run('train', BATCH);
      }
      const [state, wanted] = [await mine.getState(), await expected.getState()];
      // b1 is taken out again by the normalisation: its gradient is rounding alone.
      const compared = Object.keys(wanted).filter((tensor) => !tensor.endsWith('b1'));
      for (const tensor of compared) expect(difference(state[tensor]!, wanted[tensor]!)).toBeLessThan(1e-4);
      const [shares, same] = [
        await mine.run('predict', { x: BATCH['x']! }),
        await expected.run('predict', { x: BATCH['x']! }),
      ];
      expect(difference(shares['shares']!, same['shares']!)).toBeLessThan(1e-4);
    });

    it('learns', async () => {
      await mine.setState(START);
      const losses: number[] = [];
      for (let step = 0; step < 30; step++) losses.push((await mine.run('train', BATCH))['loss']![0]!);
      expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.8);
    });

    it('hands out arrays that no later run touches', async () => {
      const first = await mine.run('predict', { x: BATCH['x']! });
      const kept = first['shares']!.slice();
      await mine.run('train', BATCH);
      await mine.run('predict', { x: BATCH['x']!.map((value) => -value) });
      expect(first['shares']!).toEqual(kept);
    });

    it('writes outputs into arrays that it is given', async () => {
      const fresh = await mine.run('predict', { x: BATCH['x']! });
      const shares = new Float32Array(fresh['shares']!.length);
      const outputs = await mine.run('predict', { x: BATCH['x']! }, { shares });
      expect(outputs['shares']).toBe(shares);
      expect(shares).toEqual(fresh['shares']);
      const short = new Float32Array(2);
      await expect(mine.run('predict', { x: BATCH['x']! }, { shares: short })).rejects.toThrow(
        /array for output "shares" of "predict" has 2 values/,
      );
      await expect(mine.run('predict', { x: BATCH['x']! }, { odds: shares })).rejects.toThrow(
        /"predict" has no output "odds"/,
      );
    });

    it('leaves the state as it was where it refuses an array', async () => {
      await mine.setState(START);
      await expect(mine.run('train', BATCH, { loss: new Float32Array(2) })).rejects.toThrow(/output "loss" of "train"/);
      expect((await mine.getState())['w1']!).toEqual(START['w1']!);
    });

    it('replaces the named part of the state alone', async () => {
      await mine.setState(START);
      await mine.setState({ b2: Float32Array.of(1, 2, 3) });
      const state = await mine.getState();
      expect(state['b2']!).toEqual(Float32Array.of(1, 2, 3));
      expect(state['w1']!).toEqual(START['w1']!);
    });

    it('refuses an input of the wrong length, an unknown one and a missing one, by name', async () => {
      const x = new Float32Array(ROWS * 6);
      await expect(mine.run('predict', { x: new Float32Array(5) })).rejects.toThrow(
        /input "x" of "predict" has 5 values/,
      );
      await expect(mine.run('predict', { x, y: x })).rejects.toThrow(/"predict" has no input "y"/);
      await expect(mine.run('predict', {})).rejects.toThrow(/input "x" of "predict" is missing/);
      await expect(mine.setState({ w9: x })).rejects.toThrow(/the state has no tensor "w9"/);
    });
  });

  it('keeps memory and tensors flat over 1,000 steps', async () => {
    const before = compute.tf.memory().numTensors;
    const programs = await compileNetwork(compute);
    await programs.setState(START);
    for (let step = 0; step < 200; step++) await programs.run('train', BATCH);
    const tensors = compute.tf.memory().numTensors;
    // Garbage that is collected late makes one round look as if it grew; a leak shows in every one.
    let least = { heap: Infinity, resident: Infinity };
    for (let round = 0; round < 3; round++) {
      collectGarbage();
      const memory = process.memoryUsage();
      for (let step = 0; step < 1000; step++) await programs.run('train', BATCH);
      collectGarbage();
      const grown = process.memoryUsage();
      const heap = grown.heapUsed + grown.external - memory.heapUsed - memory.external;
      least = { heap: Math.min(least.heap, heap), resident: Math.min(least.resident, grown.rss - memory.rss) };
    }
    expect(compute.tf.memory().numTensors).toBe(tensors);
    // A leaked copy of the state alone, 3 kB, would make 3 MB; of the intermediate results far more.
    expect(least.heap).toBeLessThan(2 * 2 ** 20);
    expect(least.resident).toBeLessThan(64 * 2 ** 20);
    programs.dispose();
    expect(compute.tf.memory().numTensors).toBe(before);
  }, 180_000);
});

const recorded = present.filter(({ name }) => name.startsWith('onnx'));
describe.each(recorded)('$name', ({ name, compute }) => {
  it('names a kernel that it does not have, the operation and itself', async () => {
    const { tf } = compute;
    const compiled = compute.compile({ state: {}, inputs: { x: [4] } }, (_, { x }) => ({
      outputs: { y: tf.topk(x!, 2).values },
    }));
    await expect(compiled).rejects.toThrow(`Executor ${name}: kernel TopK (of tf.topk) has no mapping`);
  });

  it('leaves no memory to the collector that a step wrote its state or given arrays through', async () => {
    const { tf } = compute;
    const shape = [512, 512];
    const program = await compute.compile({ state: { w: shape }, inputs: { x: [64, 512] } }, ({ w }, { x }) => {
      const loss = (values: typeof w) => tf.mean(tf.square(tf.sub(tf.matMul(x!, values!), 1)));
      const gradient = tf.grad((values) => loss(values))(w!);
      return { state: { w: tf.sub(w!, tf.mul(gradient, 0.1)) }, outputs: { gradient } };
    });
    const x = new Float32Array(64 * 512).fill(0.01);
    const gradient = new Float32Array(512 * 512);
    await program.run({ x }, { gradient });
    const before = process.memoryUsage().arrayBuffers;
    for (let step = 0; step < 4; step++) await program.run({ x }, { gradient });
    // One copy of the gradient is 1 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 19);
    program.dispose();
  });

  it('refuses a step that reads its tensors back', async () => {
    const compiled = compute.compile({ state: {}, inputs: { x: [4] } }, (_, { x }) => {
      x!.dataSync();
      return {};
    });
    await expect(compiled).rejects.toThrow(/must not read tensors back/);
  });
});

describe.runIf(absent.length > 0)('not runnable here', () => {
  it.each(absent)('$name ($error.message)', ({ name, error }) => {
    expect(error).toBeInstanceOf(ComputeError);
    expect(error.message).toContain(`Executor ${name}: `);
    expect(required).not.toContain(name);
  });
});

describe('two threads of onnx-cpu', () => {
  // Two threads that add in an order of chance gave other bits in most of 20 runs, and now and then a wrong sum.
  it.each([
    ['many rows of each', 104],
    ['few rows of each', 2000],
  ])('sum rows by segment to the same bits each time, and rightly: %s', async (_, count) => {
    const [rows, columns] = [500, 689];
    const compute = await createCompute({ executor: 'onnx-cpu', threads: 2 });
    const inputs = { x: [rows, columns], segments: [rows] };
    const sums = await compute.compile({ state: {}, inputs }, (_state, { x, segments }) => ({
      outputs: { sums: compute.tf.unsortedSegmentSum(x!, compute.tf.cast(segments as tf.Tensor1D, 'int32'), count) },
    }));
    const segments = Float32Array.from({ length: rows }, (_row, i) => (i % 3 === 0 ? 0 : i % count));
    const x = sample(rows * columns, 1);
    const expected = new Float64Array(count * columns);
    x.forEach((value, i) => {
      expected[segments[Math.floor(i / columns)]! * columns + (i % columns)]! += value;
    });
    const first = (await sums.run({ x, segments }))['sums']!;
    expect(difference(first, Float32Array.from(expected))).toBeLessThan(1e-5);
    for (let run = 0; run < 20; run++) {
      expect(bytesOf((await sums.run({ x, segments }))['sums']!).equals(bytesOf(first))).toBe(true);
    }
    sums.dispose();
  });

  it('give the gradient of a look-up of rows as one thread does', async () => {
    const [rows, width, columns] = [512, 300, 160];
    const matrix = sample(width * columns, 2);
    const places = Float32Array.from({ length: rows }, (_row, i) => (i % 3 === 0 ? 7 : (11 * i) % width));
    const gradients = [1, 2].map(async (threads) => {
      const compute = await createCompute({ executor: 'onnx-cpu', threads });
      const inputs = { matrix: [width, columns], places: [rows] };
      const program = await compute.compile({ state: {}, inputs }, (_state, feed) => {
        const { tf: library } = compute;
        // Large enough a product for two threads to be given to the graph.
        const loss = (x: tf.Tensor) => {
          const read = library.gather(x, library.cast(feed['places'] as tf.Tensor1D, 'int32'));
          return library.sum(library.square(library.matMul(read, x, false, true)));
        };
        return { outputs: { gradient: library.grad(loss)(feed['matrix']!) } };
      });
      const { gradient } = await program.run({ matrix, places });
      program.dispose();
      return gradient!;
    });
    const [alone, shared] = await Promise.all(gradients);
    expect(difference(shared!, alone!)).toBeLessThan(1e-5);
  });
});

describe('createCompute', () => {
  it('takes onnx-cpu by itself where there is no GPU, and says why', async () => {
    const compute = await createCompute();
    expect(present.map(({ name }) => name)).toContain(compute.executor);
    expect(compute.reason).not.toBe('');
  });

  it('refuses a name that is none', async () => {
    await expect(createCompute({ executor: 'abacus' })).rejects.toThrow(/there is no such executor/);
  });
});
