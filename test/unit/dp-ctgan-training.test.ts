import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCompute } from '../../src/core/compute/index.js';
import {
  NO_CODE,
  RandomStream,
  seededNoise,
  type ColumnSchema,
  type Compute,
  type FittedModel,
  type TableCodes,
} from '../../src/core/plugin-api/index.js';
import { NoisyAnswers } from '../../src/core/plugin-api/privacy/encoding/query.js';
import { memoryArtefacts, tableFromRows, testContext, type Cell } from '../../src/core/plugin-api/testing/index.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import { clippedGradientSum } from '../../src/plugins/dp-ctgan/runtime/clipped-gradient.js';
import { criticSizes } from '../../src/plugins/dp-ctgan/runtime/critic.js';
import { PrivateGradient } from '../../src/plugins/dp-ctgan/runtime/private-gradient.js';
import { CHUNK_ROWS, compileTraining, networksOf } from '../../src/plugins/dp-ctgan/runtime/programs.js';
import { layersOf, parameterCount } from '../../src/plugins/dp-ctgan/runtime/tensors.js';

const parse = (config: Readonly<Record<string, unknown>> = {}) => dpCtgan.configSchema.parse(config);
const compute = await createCompute({ executor: 'onnx-cpu' });

afterEach(() => vi.restoreAllMocks());

function randomVector(length: number, scale: number, purpose: string): Float32Array {
  const stream = new RandomStream(1, purpose);
  return Float32Array.from({ length }, () => (2 * stream.next() - 1) * scale);
}

function randomTable(rowCount: number, sizes: readonly number[]): TableCodes {
  const stream = new RandomStream(2, 'table');
  const codes = new Uint16Array(rowCount * sizes.length);
  for (let row = 0; row < rowCount; row++) {
    sizes.forEach((size, c) => (codes[row * sizes.length + c] = row % 17 === c ? NO_CODE : stream.nextInteger(size)));
  }
  return { rowCount, columnCount: sizes.length, codes };
}

async function stored(model: FittedModel) {
  const artefacts = memoryArtefacts();
  await model.save(artefacts);
  return artefacts.stored;
}

describe('clipped gradients', () => {
  it.each([
    ['a tight norm', 0.05],
    ['a norm that clips some rows', 1.5],
    ['a norm that clips none', 1e6],
  ])('with %s equal those made row by row to 1e-5', async (_name, clipNorm) => {
    const { tf } = await createCompute({ executor: 'cpu' });
    const sizes = criticSizes(9, [7, 5]);
    const length = parameterCount(sizes);
    const rows = 40;
    const weights = randomVector(length, 0.9, 'weights');
    const inputs = randomVector(rows * 9, 1, 'rows');
    const mask = Float32Array.from({ length: rows }, (_, row) => (row % 6 ? 1 : 0));
    const x = tf.tensor2d(inputs, [rows, 9]);
    const all = clippedGradientSum(
      tf,
      layersOf(tf, tf.tensor1d(weights), sizes),
      x,
      tf.tensor2d(mask, [rows, 1]),
      clipNorm,
    );
    const expected = new Float64Array(length);
    let clipped = 0;
    for (let row = 0; row < rows; row++) {
      // The loss written out anew, and differentiated by TensorFlow.js.
      const lossOf = (parameters: ReturnType<typeof tf.tensor1d>) => {
        let h = tf.slice(x, [row, 0], [1, 9]);
        const layers = layersOf(tf, parameters, sizes);
        layers.forEach(({ weight, bias }, layer) => {
          const y = tf.add(tf.matMul(h, weight as never), bias) as typeof h;
          h = layer < layers.length - 1 ? tf.leakyRelu(y, 0.2) : y;
        });
        return tf.sum(tf.softplus(tf.neg(h))) as never;
      };
      const gradient = tf
        .grad(lossOf as never)(tf.tensor1d(weights))
        .dataSync();
      const norm = Math.hypot(...gradient);
      if (norm > clipNorm && mask[row]) clipped++;
      const scale = mask[row]! * Math.min(1, clipNorm / norm);
      gradient.forEach((value, k) => (expected[k]! += scale * value));
    }
    expect(clipped).toBeGreaterThanOrEqual(clipNorm < 100 ? 1 : 0);
    const largest = Math.max(...expected.map(Math.abs));
    const error = Math.max(...all.dataSync().map((value, k) => Math.abs(value - expected[k]!)));
    expect(error / largest).toBeLessThan(1e-5);
  });
});

describe('the private gradient', () => {
  const sizes = [3, 5, 2];
  const config = parse({
    discriminator_dim: [4],
    clip_norm: 0.5,
    batch_size: 10,
    embedding_dim: 2,
    generator_dim: [2],
  });
  const networks = networksOf(
    sizes.map((codes, c) => ({ codes, ordered: c === 1 ? codes : 0 })),
    config,
  );

  async function gradients(
    table: TableCodes,
    options: Partial<PrivateGradient['options']>,
    count: number,
    on: Compute = compute,
  ) {
    const programs = await compileTraining(on, networks, config);
    await programs.setState({ critic: randomVector(parameterCount(networks.critic), 1, 'critic') });
    const source = seededNoise(3, 'gradient');
    const standard = { samplingRate: 1, clipNorm: 0.5, noiseMultiplier: 1e-12, expectedBatch: 1 };
    const gradient = new PrivateGradient(table, networks, source, { ...standard, ...options });
    const vectors: Float32Array[] = [];
    for (let k = 0; k < count; k++) vectors.push(await gradient.next(programs));
    programs.dispose();
    return vectors;
  }

  it('has noise of the variance that is charged, at an error rate of 1e-6', async () => {
    const table = randomTable(50, sizes);
    const [exact] = await gradients(table, {}, 1);
    const noisy = await gradients(table, { noiseMultiplier: 3, expectedBatch: 1 }, 60);
    const errors = noisy.flatMap((vector) => Array.from(vector, (value, k) => value - exact![k]!));
    const variance = errors.reduce((sum, e) => sum + e * e, 0) / errors.length;
    expect(Math.abs(variance / (3 * 0.5) ** 2 - 1)).toBeLessThan(4.9 * Math.sqrt(2 / errors.length));
  });

  it('sums a batch beyond the fixed size in parts, leaving no row out', async () => {
    const one = randomTable(CHUNK_ROWS, sizes);
    const twice: TableCodes = {
      ...one,
      rowCount: 2 * one.rowCount,
      codes: Uint16Array.from([...one.codes, ...one.codes]),
    };
    const [single] = await gradients(one, {}, 1);
    const [double] = await gradients(twice, {}, 1);
    double!.forEach((value, k) => expect(value).toBeCloseTo(2 * single![k]!, 2));
  });

  it('moves by at most the clipping norm when a row is added', async () => {
    const table = randomTable(300, sizes);
    const fewer = { ...table, rowCount: 299, codes: table.codes.slice(0, 299 * 3) };
    const [[more], [less]] = [await gradients(table, {}, 1), await gradients(fewer, {}, 1)];
    const distance = Math.hypot(...more!.map((value, k) => value - less![k]!));
    expect(distance).toBeLessThan(0.5 * (1 + 1e-4));
    expect(distance).toBeGreaterThan(0.1);
  });
});

describe('the whole run', () => {
  const schema: readonly ColumnSchema[] = [
    { name: 'kind', kind: 'categorical', nullable: false },
    { name: 'amount', kind: 'integer', nullable: false },
    { name: 'rate', kind: 'continuous', nullable: false },
  ];
  const rows = Array.from({ length: 600 }, (_, i): Cell[] => [i % 3 ? 'a' : 'b', i % 50, (i % 40) / 8]);
  const config = parse({ epsilon: 8, steps: 12, batch_size: 20, generator_dim: [8], discriminator_dim: [6], bins: 8 });

  async function fit(table: readonly (readonly Cell[])[]): Promise<FittedModel> {
    const runtime = await dpCtgan.loadRuntime();
    const source = tableFromRows(schema, table, { profile: false });
    return runtime.fit({ source, config }, testContext({ seed: 11, compute }));
  }

  it('depends on the rows through the noisy counts and the noisy gradients alone', async () => {
    const answers: Float64Array[] = [];
    const vectors: Float32Array[] = [];
    const { ask } = NoisyAnswers.prototype;
    const { next } = PrivateGradient.prototype;
    const askSpy = vi.spyOn(NoisyAnswers.prototype, 'ask');
    const nextSpy = vi.spyOn(PrivateGradient.prototype, 'next');
    askSpy.mockImplementation(function (this: NoisyAnswers, ...args) {
      answers.push(ask.apply(this, args));
      return answers.at(-1)!;
    });
    nextSpy.mockImplementation(async function (this: PrivateGradient, programs) {
      vectors.push(await next.call(this, programs));
      return vectors.at(-1)!;
    });
    const first = await stored(await fit(rows));
    // Another row in the place of one: the released values of the first run, and so the same model to the last bit.
    const neighbour = rows.with(599, ['b', 1_000_000, -77.125]);
    expect(await stored(await fit(neighbour))).not.toEqual(first);
    let [asked, stepped] = [0, 0];
    askSpy.mockImplementation(() => answers[asked++]!);
    nextSpy.mockImplementation(async () => vectors[stepped++]!);
    expect(await stored(await fit(neighbour))).toEqual(first);
    expect(stepped).toBe(12);
  });

  it('never reports more than the budget, charges every step, and marks a seeded run as not private', async () => {
    const { summary } = await fit(rows);
    expect(summary.privacySpent!.epsilon).toBeLessThanOrEqual(8);
    expect(summary.privacyLedger!.at(-1)!.mechanism).toContain('12 Poisson samples of rate 0.06');
    expect(summary.privacyCaveats!.join(' ')).toContain('Not private');
  });

  it('takes its noise from a cryptographic generator when the seed is not the user’s', async () => {
    const runtime = await dpCtgan.loadRuntime();
    const source = tableFromRows(schema, rows, { profile: false });
    const context = { ...testContext({ seed: 11, compute }), seedIsUsers: false };
    const [first, second] = [
      await runtime.fit({ source, config }, context),
      await runtime.fit({ source, config }, context),
    ];
    expect(first.summary.privacyCaveats!.join(' ')).not.toContain('Not private');
    expect(await stored(first)).not.toEqual(await stored(second));
  });
});
