import { describe, expect, it } from 'vitest';
import { epsilonLowerBound, guess } from '../../bench/dp-audit/one-run-bound.js';
import type { ColumnSchema } from '../../src/core/plugin-api/index.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import { criticFeatures } from '../../src/plugins/dp-ctgan/runtime/critic-features.js';
import { loadTensorLibrary } from '../../src/core/compute/tensor-library.js';
import { createCompute } from '../../src/core/compute/index.js';

const AGE: ColumnSchema = { name: 'age', kind: 'integer', nullable: false };

function issues(columns: readonly ColumnSchema[], config: Readonly<Record<string, unknown>> = {}) {
  return dpCtgan.preflight!({ columns }, null, dpCtgan.configSchema.parse(config));
}

describe('preflight of dp-ctgan', () => {
  it('has nothing to say about an undeclared table', () => {
    expect(issues([AGE])).toEqual([]);
  });

  it('warns, with figures, where noise will drown the rows', () => {
    const [issue] = issues(
      Array.from({ length: 15 }, () => AGE),
      { row_count: 300 },
    );
    expect(issue).toMatchObject({ severity: 'warning', code: 'too_noisy' });
    expect(issue!.message).toMatch(/epsilon 1 and 300 rows, noise moves each count by about \d+ rows \(\d+/);
    expect(
      issues(
        Array.from({ length: 15 }, () => AGE),
        { row_count: 300_000 },
      ),
    ).toEqual([]);
  });

  it('names the column whose declaration has no meaning', () => {
    expect(issues([{ ...AGE, bounds: [90, 17] }])).toMatchObject([{ code: 'bounds_reversed', column: 'age' }]);
    expect(issues([{ name: 'city', kind: 'categorical', nullable: false, categories: [] }])).toMatchObject([
      { severity: 'error', code: 'no_categories', column: 'city' },
    ]);
    expect(issues([])).toMatchObject([{ severity: 'error', code: 'no_columns' }]);
  });

  it('refuses more categories than memory holds', () => {
    const categories = Array.from({ length: 30_000 }, (_, i) => `c${i}`);
    const wide = issues([{ name: 'city', kind: 'categorical', nullable: false, categories }]);
    expect(wide).toMatchObject([{ severity: 'error', code: 'table_too_wide' }]);
  });
});

describe('what the critic sees', () => {
  it('is the same for categories, and nearer for nearer cells of numbers', async () => {
    await createCompute({ executor: 'cpu' });
    const tf = await loadTensorLibrary();
    const columns = [
      { codes: 3, ordered: 0 },
      { codes: 5, ordered: 4 },
    ];
    const oneHot = Array.from({ length: 5 }, (_, code) => [
      0,
      1,
      0,
      ...Array.from({ length: 5 }, (__, i) => Number(i === code)),
    ]);
    const seen = (await criticFeatures(tf, tf.tensor2d(oneHot), columns).array()) as number[][];
    const distance = (a: number, b: number) => Math.hypot(...seen[a]!.map((x, i) => x - seen[b]![i]!));
    expect(seen[0]!.slice(0, 3)).toEqual([0, 1, 0]);
    expect(distance(0, 1)).toBeLessThan(distance(0, 2));
    expect(distance(0, 2)).toBeLessThan(distance(0, 3));
    for (const row of seen) expect(Math.hypot(...row.slice(3))).toBeCloseTo(1, 6);
  });
});

describe('the lower bound of an audit', () => {
  it('is the closed form when every guess is right and delta is 0', () => {
    const bound = epsilonLowerBound({ canaries: 1000, guesses: 300, correct: 300 }, 0);
    const p = 0.05 ** (1 / 300);
    expect(bound).toBeCloseTo(Math.log(p / (1 - p)), 3);
  });

  it('proves nothing from as many right guesses as coins give', () => {
    expect(epsilonLowerBound({ canaries: 1000, guesses: 300, correct: 160 }, 1e-6)).toBe(0);
  });

  it('proves less where delta is larger', () => {
    const outcome = { canaries: 1000, guesses: 300, correct: 280 };
    expect(epsilonLowerBound(outcome, 1e-4)).toBeLessThan(epsilonLowerBound(outcome, 0));
  });

  it('guesses the highest scores in and the lowest out', () => {
    const outcome = guess([5, 1, 4, 2, 3], [true, false, true, true, false], 4);
    expect(outcome).toEqual({ canaries: 5, guesses: 4, correct: 3 });
  });
});
