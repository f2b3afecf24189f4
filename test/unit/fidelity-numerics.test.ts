import { array, assert, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binByOwnEdges, equalWidthEdges, quantileEdges } from '../../src/plugins/fidelity/runtime/binning.js';
import { ksComplement } from '../../src/plugins/fidelity/runtime/column-shape.js';
import { correlation } from '../../src/plugins/fidelity/runtime/correlation.js';
import { countJointly } from '../../src/plugins/fidelity/runtime/joint-counts.js';

const SEED = 20_260_311;
const sample = array(integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 30 });
const sorted = (values: readonly number[]) => Float64Array.from(values).toSorted();

const shareUpTo = (values: readonly number[], limit: number) => values.filter((v) => v <= limit).length / values.length;

function searchedComplement(first: readonly number[], second: readonly number[]): number {
  return 1 - Math.max(...[...first, ...second].map((v) => Math.abs(shareUpTo(first, v) - shareUpTo(second, v))));
}

const count = (rows: [number, number][], codes: [number, number]) =>
  countJointly(
    Int32Array.from(rows, ([a]) => a),
    Int32Array.from(rows, ([, b]) => b),
    codes,
    0,
  );

describe('the arithmetic of fidelity', () => {
  it('finds the largest gap of two distributions, as a search over all values does', () => {
    assert(
      property(sample, sample, (first, second) => {
        expect(ksComplement(sorted(first), sorted(second))).toBeCloseTo(searchedComplement(first, second), 12);
      }),
      { seed: SEED },
    );
  });

  it('gives the same overlap and association by dense and by sparse counting', () => {
    const pairs = array(tuple(integer({ min: 0, max: 5 }), integer({ min: 0, max: 4 })), {
      minLength: 1,
      maxLength: 40,
    });
    assert(
      property(pairs, pairs, (first, second) => {
        const dense = [count(first, [6, 5]), count(second, [6, 5])] as const;
        const sparse = [count(first, [6, 50_000]), count(second, [6, 50_000])] as const;
        expect(sparse[0].constructor).not.toBe(dense[0].constructor);
        expect(sparse[0].overlap(sparse[1])).toBeCloseTo(dense[0].overlap(dense[1]), 12);
        expect(sparse[0].cramersV() ?? -1).toBeCloseTo(dense[0].cramersV() ?? -1, 12);
      }),
      { seed: SEED },
    );
  });

  it("computes Cramér's V as scipy.stats.contingency.association does", () => {
    // association([[10, 20, 5], [3, 7, 15]], method='cramer') of scipy 1.17
    const table = [
      [10, 20, 5],
      [3, 7, 15],
    ];
    const rows = table.flatMap((line, a) => line.flatMap((n, b) => Array.from({ length: n }, () => [a, b] as const)));
    const first = Uint8Array.from(rows, ([a]) => a);
    const second = Uint8Array.from(rows, ([, b]) => b);
    expect(countJointly(first, second, [2, 3], rows.length).cramersV()).toBeCloseTo(0.4786019526285168, 12);
  });

  it('keeps the digits of a correlation when the mean is huge', () => {
    const x = Float64Array.from([1, 2, 3, 4, Number.NaN, 6]);
    const y = Float64Array.from([1e9 + 1, 1e9 + 3, 1e9 + 2, 1e9 + 5, 7, Number.NaN]);
    // numpy.corrcoef([1, 2, 3, 4], [1, 3, 2, 5])
    expect(correlation(x, y).value).toBeCloseTo(0.8315218406202999, 12);
    expect(correlation(x, new Float64Array(6)).value).toBeNull();
  });

  it('cuts as numpy.histogram_bin_edges, numpy.digitize and numpy.quantile do', () => {
    expect([...equalWidthEdges(sorted([0, 5, 10]), 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([...equalWidthEdges(sorted([7, 7]), 2)]).toEqual([6.5, 7, 7.5]);
    expect([...equalWidthEdges(sorted([]), 2)]).toEqual([0, 0.5, 1]);
    const edges = equalWidthEdges(sorted([0, 10]), 10);
    expect([...binByOwnEdges(Float64Array.from([0, 0.5, 1, 9.99, 10, Number.NaN]), edges)]).toEqual([
      1, 1, 2, 10, 11, 11,
    ]);
    expect([...quantileEdges(sorted([1, 2, 3, 4]), 4)]).toEqual([1.75, 2.5, 3.25]);
    expect([...quantileEdges(sorted([1, 1, 1, 9]), 4)]).toEqual([1, 3]);
  });
});
