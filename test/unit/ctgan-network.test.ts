import { describe, expect, it } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import { type Feed, RandomStream, type Tensor } from '../../src/core/plugin-api/index.js';
import { FoldedGenerator } from '../../src/plugins/ctgan/runtime/folded-generator.js';
import { conditionLoss, generatorForward, generatorShapes } from '../../src/plugins/ctgan/runtime/generator-network.js';
import type { Layout } from '../../src/plugins/ctgan/runtime/layout.js';

const ROWS = 6;
const random = new RandomStream(7, 'ctgan-network');
const numbers = (length: number, from = -1, to = 1) =>
  Float32Array.from({ length }, () => from + (to - from) * random.next());
const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

function expectClose(actual: Float32Array, expected: ArrayLike<number>, within: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(within));
}

describe.each(['cpu', 'onnx-cpu'])('on %s', async (executor) => {
  const compute = await createCompute({ executor });
  const { tf } = compute;

  it.each([0, 5])('the folded generator gives what the trained one does, with %d conditions', async (conditions) => {
    const size = { noise: 4, conditions, hidden: [8, 7], width: 9 };
    const shapes = generatorShapes(size);
    const weights: Record<string, Float32Array> = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, numbers(sizeOf(shape))]),
    );
    size.hidden.forEach((n, layer) => {
      weights[`mean${layer}`] = numbers(n);
      weights[`variance${layer}`] = numbers(n, 0.1, 2);
    });
    const inputs = { noise: [ROWS, size.noise], ...(conditions > 0 && { condition: [ROWS] }) };
    const folded = new FoldedGenerator(size, weights);
    const program = await compute.compile({ state: {}, inputs }, (_, feed) => {
      const constants: Record<string, Tensor> = Object.fromEntries(
        Object.entries(weights).map(([name, values]) => [
          name,
          tf.tensor(values, [...(shapes[name] ?? [values.length])]),
        ]),
      );
      const plain = generatorForward(tf, size, constants, feed['noise']!, feed['condition'], (layer) => ({
        mean: constants[`mean${layer}`]!,
        variance: constants[`variance${layer}`]!,
      }));
      return { outputs: { plain, folded: folded.forward(tf, feed['noise']!, feed['condition']) } };
    });
    const condition = Float32Array.from({ length: ROWS }, (_, i) => i % 5);
    const feed: Feed = { noise: numbers(ROWS * size.noise), ...(conditions > 0 && { condition }) };
    const outputs = await program.run(feed);
    program.dispose();
    // Without conditions all rows would be one if the noise did not matter.
    expect(new Set(outputs['plain']).size).toBeGreaterThan(ROWS);
    expectClose(outputs['folded']!, outputs['plain']!, 1e-5);
  });

  it('the loss is the cross-entropy of the column asked for, and so is its gradient', async () => {
    // A column of one category between two that are conditions.
    const layout: Layout = {
      scalars: [0],
      width: 8,
      conditions: 5,
      segments: [
        { column: 0, offset: 1, size: 1, condition: -1 },
        { column: 1, offset: 2, size: 2, condition: 0 },
        { column: 2, offset: 4, size: 1, condition: -1 },
        { column: 3, offset: 5, size: 3, condition: 2 },
      ],
    };
    const raw = numbers(ROWS * layout.width, -60, 60);
    const asked = [0, 1, 2, 3, 4, 0];
    const program = await compute.compile(
      { state: {}, inputs: { raw: [ROWS, layout.width], asked: [ROWS] } },
      (_, feed) => {
        const loss = (logits: Tensor) => tf.reshape(conditionLoss(tf, layout, logits, feed['asked']!), []);
        const { value, grad } = tf.valueAndGrad(loss as never)(feed['raw']!);
        return { outputs: { value, grad } };
      },
    );
    const { value, grad } = await program.run({ raw, asked: Float32Array.from(asked) });
    program.dispose();

    let total = 0;
    const expected = new Float64Array(raw.length);
    asked.forEach((condition, row) => {
      const segment = layout.segments[condition < 2 ? 1 : 3]!;
      const start = row * layout.width + segment.offset;
      const logits = [...raw.subarray(start, start + segment.size)];
      const highest = Math.max(...logits);
      const sum = logits.reduce((all, logit) => all + Math.exp(logit - highest), 0);
      const target = condition - segment.condition;
      total += highest + Math.log(sum) - logits[target]!;
      logits.forEach((logit, k) => {
        expected[start + k] = (Math.exp(logit - highest) / sum - (k === target ? 1 : 0)) / ROWS;
      });
    });
    expect(value![0]! / (total / ROWS)).toBeCloseTo(1, 5);
    expectClose(grad!, expected, 1e-5);
  });
});
