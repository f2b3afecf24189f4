import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Compute,
  type Feed,
  fitColumnMarginal,
  RandomStream,
  type Tensor,
} from '../../src/core/plugin-api/index.js';
import { cutIntoTokens } from '../../src/plugins/autoregressive/runtime/coding/cut-tokens.js';
import {
  nearestOnWeekday,
  partsOfTime,
  weekdayOf,
} from '../../src/plugins/autoregressive/runtime/coding/datetime-parts.js';
import { featureSizes, type Layout, layoutOf } from '../../src/plugins/autoregressive/runtime/network/layout.js';
import { tokenBlocks } from '../../src/plugins/autoregressive/runtime/network/blocks.js';
import { crossEntropy, logitsOf, networkShapes } from '../../src/plugins/autoregressive/runtime/network/network.js';
import { isReadOneHot } from '../../src/plugins/autoregressive/runtime/network/unit-sums.js';
import { intervalBetween } from '../../src/plugins/autoregressive/runtime/sampling/axis-interval.js';
import { drawToken, uniformColumns } from '../../src/plugins/autoregressive/runtime/sampling/draw-token.js';
import { chooseCandidates, effectiveShare } from '../../src/plugins/autoregressive/runtime/sampling/resample.js';
import { learningRateAt } from '../../src/plugins/autoregressive/runtime/training/schedule.js';
import onnxCompute from '../support/onnx-compute.js';

let compute: Compute;
beforeAll(async () => {
  compute = await onnxCompute();
});

const SIZES = [3, 2, 4];
const fieldsOf = (sizes: readonly number[]) => sizes.map((size) => ({ size }));

function randomWeights(layout: Layout): Record<string, Float32Array> {
  const random = new RandomStream(4, 'test.weights');
  return Object.fromEntries(
    Object.entries(networkShapes(layout)).map(([name, shape]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, Float32Array.from({ length }, () => 2 * random.next() - 1)];
    }),
  );
}

/** One-hot columns of some fields, row by row. */
function oneHot(tokens: readonly (readonly number[])[], sizes: readonly number[], first: number, count: number) {
  return Float32Array.from(
    tokens.flatMap((row) =>
      row
        .slice(first, first + count)
        .flatMap((token, f) => Array.from({ length: sizes[first + f]! }, (_, k) => Number(k === token))),
    ),
  );
}

/** The logits of each row. */
async function logitsFor(layout: Layout, tokens: number[][], known: number[][] | null): Promise<Float32Array[]> {
  const { tf } = compute;
  const rows = tokens.length;
  const read = tokenBlocks(layout).flatMap((block, b) => (isReadOneHot(layout, block) ? [{ ...block, b }] : []));
  const program = await compute.compile(
    {
      state: networkShapes(layout),
      inputs: {
        tokens: [layout.fields, rows],
        ...Object.fromEntries(read.map(({ b, own }) => [b, [rows, own]])),
        ...(known && { known: [known.length, layout.fields] }),
      },
    },
    (state, feed) => {
      const given = new Map<number, Tensor>(read.map(({ b }) => [b, feed[b]!]));
      const batch = { tokens: feed['tokens']!, oneHot: given, known: feed['known'] ?? null };
      return { outputs: { logits: tf.concat(logitsOf(tf, layout, state, batch), 1) } };
    },
  );
  await program.setState(randomWeights(layout));
  const { logits } = await program.run({
    tokens: Float32Array.from(layout.sizes.flatMap((_, f) => tokens.map((row) => row[f]!))),
    ...Object.fromEntries(read.map(({ b, field, fields }) => [b, oneHot(tokens, layout.sizes, field, fields)])),
    ...(known && { known: Float32Array.from(known.flat()) }),
  });
  program.dispose();
  return tokens.map((_, i) => logits!.slice(i * layout.width, (i + 1) * layout.width));
}

/** The same in plain arithmetic, of one row. */
function expectedLogits(layout: Layout, weights: Feed, row: readonly number[], known: readonly number[]): number[] {
  const { sizes, offsets, hidden, width, fields, embedding } = layout;
  const units = fields * hidden;
  const featureOffsets = featureSizes(layout).map((_, f, all) => all.slice(0, f).reduce((a, b) => a + b, 0));
  const featuresOf = (f: number): [place: number, value: number][] => {
    const token = offsets[f]! + row[f]!;
    if (embedding === null) return [[token, 1]];
    return Array.from({ length: embedding }, (_, e) => [
      featureOffsets[f]! + e,
      weights['embedding']![token * embedding + e]!,
    ]);
  };
  return sizes.flatMap((size, field) => {
    const own = Array.from({ length: hidden }, (_, h) => {
      const unit = field * hidden + h;
      let sum = weights['bias']![unit]!;
      for (let f = 0; f < fields; f++) {
        if (known[f] === 1) sum += weights['known']![f * units + unit]!;
        if (f >= field && known[f] !== 1) continue;
        for (const [place, value] of featuresOf(f)) sum += value * weights['input']![place * units + unit]!;
      }
      return Math.max(sum, 0);
    });
    return Array.from({ length: size }, (_, k) => {
      const place = offsets[field]! + k;
      return own.reduce(
        (sum, unit, h) => sum + unit * weights['output']![h * width + place]!,
        weights['base']![place]!,
      );
    });
  });
}

describe('the network of autoregressive', () => {
  for (const embedding of [null, 8]) {
    const layout = { ...layoutOf(fieldsOf(SIZES), 5), embedding };
    const kind = embedding === null ? 'one-hot tokens' : 'embedded tokens';

    it(`predicts a field from the fields before it alone, with ${kind}`, async () => {
      const [a, b, c] = await logitsFor(
        layout,
        [
          [0, 1, 2],
          [0, 1, 3],
          [2, 1, 2],
        ],
        null,
      );
      expect(a).toEqual(b);
      expect(a!.slice(0, 3)).toEqual(c!.slice(0, 3));
      expect(a!.slice(3)).not.toEqual(c!.slice(3));
    });

    it(`lets given cells be seen by all fields, and others not, with ${kind}`, async () => {
      const known = [
        [0, 0, 1],
        [0, 0, 1],
      ];
      const tokens = [
        [0, 1, 2],
        [0, 1, 3],
      ];
      const [a, b] = await logitsFor(layout, tokens, known);
      expect(a!.slice(0, 5)).not.toEqual(b!.slice(0, 5));
      const [free] = await logitsFor(layout, tokens, null);
      expect(a!.slice(0, 3)).not.toEqual(free!.slice(0, 3));
    });
  }

  const kinds = [
    { kind: 'short fields', sizes: [3, 2, 4, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2, 3, 2], embedding: null },
    { kind: 'short and long fields', sizes: [40, 3, 2, 33, 64, 5], embedding: null },
    { kind: 'embedded tokens', sizes: [40, 3, 2, 33, 64, 5], embedding: 8 },
  ];
  for (const { kind, sizes, embedding } of kinds) {
    it(`gives the logits that plain arithmetic gives, with ${kind}`, async () => {
      const layout = { ...layoutOf(fieldsOf(sizes), 3), embedding };
      const random = new RandomStream(9, 'test.rows');
      const tokens = Array.from({ length: 6 }, () => sizes.map((size) => Math.floor(size * random.next())));
      const known = tokens.slice(0, 4).map((row) => row.map(() => Math.floor(2 * random.next())));
      const actual = await logitsFor(layout, tokens, known);
      tokens.forEach((row, i) => {
        const expected = expectedLogits(layout, randomWeights(layout), row, known[i] ?? []);
        expected.forEach((logit, k) => expect(actual[i]![k]).toBeCloseTo(logit, 4));
      });
    });
  }

  it('measures the cross-entropy that plain arithmetic gives', async () => {
    const { tf } = compute;
    const layout = layoutOf(fieldsOf(SIZES), 2);
    const random = new RandomStream(8, 'test.logits');
    const logits = Float32Array.from({ length: 2 * layout.width }, () => 4 * random.next() - 2);
    const tokens = [
      [2, 0, 3],
      [1, 1, 0],
    ];
    const cells = Float32Array.of(1, 0, 1, 1, 1, 0);
    const program = await compute.compile(
      { state: {}, inputs: { logits: [2, layout.width], tokens: [3, 2], cells: [2, 3] } },
      (_, feed) => {
        const target = { cells: feed['cells']!, tokens: feed['tokens']! };
        return { outputs: { loss: crossEntropy(tf, layout, [feed['logits']!], target) } };
      },
    );
    const byField = Float32Array.from({ length: 6 }, (_, k) => tokens[k % 2]![Math.floor(k / 2)]!);
    const { loss } = await program.run({ logits, tokens: byField, cells });
    program.dispose();
    let expected = 0;
    tokens.forEach((row, i) =>
      row.forEach((token, f) => {
        const start = i * layout.width + layout.offsets[f]!;
        const own = Array.from(logits.subarray(start, start + SIZES[f]!));
        const normaliser = Math.log(own.reduce((sum, x) => sum + Math.exp(x), 0));
        expected += cells[i * 3 + f]! * (normaliser - own[token]!);
      }),
    );
    expect(loss![0]).toBeCloseTo(expected, 4);
  });

  it('embeds the tokens of wide tables and has fewer units on very wide ones', () => {
    expect(layoutOf(fieldsOf(Array(15).fill(35)), 16)).toMatchObject({ embedding: null, hidden: 16 });
    expect(layoutOf(fieldsOf(Array(100).fill(50)), 16)).toMatchObject({ embedding: 8, hidden: 16 });
    expect(layoutOf(fieldsOf(Array(300).fill(50)), 16).hidden).toBeLessThan(16);
  });
});

describe('drawing tokens', () => {
  for (const tokens of [1, 7, 300]) {
    it(`inverts the cumulative distribution of ${tokens} tokens`, async () => {
      const { tf } = compute;
      const random = new RandomStream(2, 'test.shares');
      const shares = Float32Array.from({ length: tokens }, (_, k) => (k % 3 === 1 ? 0 : random.next()));
      const rows = 400;
      const uniforms = Float32Array.from({ length: rows }, (_, i) => (i + 0.5) / rows);
      const program = await compute.compile(
        { state: {}, inputs: { shares: [1, tokens], u: [rows, 1] } },
        (_, feed) => ({
          outputs: { ...drawToken(tf, feed['shares']!, uniformColumns(tf, feed['u']!)[0]!) },
        }),
      );
      const { token, oneHot: hot } = await program.run({ shares, u: uniforms });
      program.dispose();
      const total = shares.reduce((a, b) => a + b, 0);
      uniforms.forEach((u, i) => {
        const drawn = token![i]!;
        const below = shares.slice(0, drawn).reduce((a, b) => a + b, 0) / total;
        expect(shares[drawn]).toBeGreaterThan(0);
        expect(u).toBeGreaterThan(below - 1e-5);
        expect(u).toBeLessThan(below + shares[drawn]! / total + 1e-5);
        expect(hot!.slice(i * tokens, (i + 1) * tokens).indexOf(1)).toBe(drawn);
      });
    });
  }

  for (const tokens of [200, 1200]) {
    it(`never draws one of ${tokens} tokens without a share, however near to its border`, async () => {
      const { tf } = compute;
      const random = new RandomStream(3, 'test.borders');
      // Runs of tokens without a share begin at every 32nd.
      const shares = Float32Array.from({ length: tokens }, (_, k) => (k % 32 < 3 ? 0 : random.next()));
      const total = shares.reduce((a, b) => a + b, 0);
      let below = 0;
      const borders = Array.from(shares, (share) => (below += share) / total);
      const uniforms = Float32Array.from(
        borders.flatMap((u) => [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((k) => Math.max(0, u + k * 3e-8))),
      );
      const program = await compute.compile(
        { state: {}, inputs: { shares: [1, tokens], u: [uniforms.length, 1] } },
        (_, feed) => ({
          outputs: { token: drawToken(tf, feed['shares']!, uniformColumns(tf, feed['u']!)[0]!).token },
        }),
      );
      const { token } = await program.run({ shares, u: uniforms });
      program.dispose();
      expect([...token!].filter((drawn) => shares[drawn] === 0)).toEqual([]);
    });
  }

  it('chooses candidates in proportion to their weights', () => {
    const groups = 20_000;
    const logWeights = Float32Array.from({ length: groups * 3 }, (_, i) => Math.log([1, 2, 5][i % 3]!) + 50);
    const random = new RandomStream(6, 'test.choice');
    const chosen = chooseCandidates(logWeights, 3, () => random.next());
    // Standard error .0034 at most.
    [1, 2, 5].forEach((weight, place) => {
      expect(Math.abs(chosen.filter((i) => i % 3 === place).length / groups - weight / 8)).toBeLessThan(0.014);
    });
  });

  it('counts how many draws of unequal weight are worth', () => {
    expect(effectiveShare(Float32Array.of(-3, -3, -3, -3))).toBeCloseTo(1);
    expect(effectiveShare(Float32Array.of(200, 0, 0, 0))).toBeCloseTo(1 / 4);
    expect(effectiveShare(Float32Array.of(Math.log(1), Math.log(3)))).toBeCloseTo(16 / 20);
  });
});

describe('the coding of columns', () => {
  it('fills stretches up to their share, and lets heavy values stand alone', () => {
    const { pieces } = marginalOf([...ramp(400), ...Array(400).fill(200)]);
    const cuts = [...cutIntoTokens(pieces, { fullAt: 1 / 10, standsAlone: (_, mass) => mass > 0.2 })];
    const widths = cuts.slice(1).map((cut, i) => cut - cuts[i]!);
    expect(cuts[0]).toBe(0);
    expect(cuts.at(-1)).toBe(1);
    expect(widths.filter((width) => width > 0.45)).toHaveLength(1);
    expect(widths.filter((width) => width < 0.45).every((width) => width <= 0.102)).toBe(true);
    expect(widths.length).toBeLessThanOrEqual(8);
  });

  it('finds the stretch of the axis between two values, half a step beyond each', () => {
    const marginal = marginalOf(ramp(1000));
    const { from, to } = intervalBetween(marginal, 200, 299)!;
    expect(to - from).toBeCloseTo(0.1, 2);
    expect(from).toBeCloseTo(0.2, 2);
    expect(intervalBetween(marginal, 200.2, 200.8)).toBeNull();
    expect(intervalBetween(marginal, 2000, 3000)).toBeNull();
    const whole = intervalBetween(marginal, -Infinity, Infinity)!;
    expect([whole.from, whole.to]).toEqual([0, 1]);
  });

  it('moves a day to the nearest one of a weekday within its stretch', () => {
    for (const day of [-10, 0, 3, 18_321]) {
      for (let weekday = 0; weekday < 7; weekday++) {
        const moved = nearestOnWeekday(day, weekday, day - 100, day + 100);
        expect(weekdayOf(moved)).toBe(weekday);
        expect(Math.abs(moved - day)).toBeLessThanOrEqual(3);
        const later = nearestOnWeekday(day, weekday, day, day + 100);
        expect(later).toBeGreaterThanOrEqual(day);
        expect(weekdayOf(later)).toBe(weekday);
      }
    }
    expect(weekdayOf(Date.UTC(2026, 10, 23) / 86_400_000)).toBe(0);
  });

  it('splits moments only where a part has habits of its own', () => {
    const dates = Float64Array.from(ramp(700), (i) => i * 86_400_000);
    expect(partsOfTime(dates)).toBeNull();
    expect(partsOfTime(dates.map((date) => date + 3_600_000))!.map(({ part }) => part)).toEqual(['day', 'time']);
    const workdays = dates.filter((date) => weekdayOf(date / 86_400_000) < 5);
    expect(partsOfTime(workdays)!.map(({ part }) => part)).toEqual(['day', 'weekday']);
  });
});

it('raises the learning rate for a tenth of the steps and lets it fall to nearly nothing', () => {
  const rates = Array.from({ length: 200 }, (_, step) => learningRateAt(0.01, step, 200));
  expect(Math.max(...rates)).toBeCloseTo(0.01, 4);
  expect(rates.indexOf(Math.max(...rates))).toBe(19);
  expect(rates.at(-1)).toBeLessThan(0.0001);
  expect(rates.every((rate) => rate > 0)).toBe(true);
});

function marginalOf(values: number[]) {
  const schema = { name: 'x', kind: 'integer', nullable: false } as const;
  const options = { families: ['empirical'], bins: 40, smallestGroup: 5, rareCategoryRows: 1 } as const;
  return fitColumnMarginal(schema, { values: Float64Array.from(values) }, undefined, options);
}

function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
