import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMargins } from '../../src/core/generators/shares/fit-margins.js';
import { JointTable } from '../../src/core/generators/shares/joint-table.js';
import { poolStrata } from '../../src/core/generators/shares/pool-strata.js';
import { roundToMargins } from '../../src/core/generators/shares/round-to-margins.js';
import { RandomStream } from '../../src/core/plugin-api/index.js';

const table = (sizes: readonly number[], cells: readonly number[]) => new JointTable(sizes, Float64Array.from(cells));
const marginsOf = (counts: JointTable) => counts.sizes.map((_, axis) => [...counts.margin(axis)]);

/** Of a table of two by two. */
const oddsRatio = (p: ArrayLike<number>) => (p[0]! * p[3]!) / (p[1]! * p[2]!);

function rounded(joint: JointTable, targets: readonly (readonly number[])[]): JointTable {
  const result = roundToMargins(fitMargins(joint, targets), joint, targets);
  if (result instanceof JointTable) return result;
  throw new Error(`no table of these margins: ${JSON.stringify(result)}`);
}

/** Whole numbers at random, most cells empty, and weights where they stand: so that their margins can be met. */
const feasible = (axes: number) =>
  fc
    .array(fc.integer({ min: 1, max: 5 }), { minLength: axes, maxLength: axes })
    .chain((sizes) => {
      const length = sizes.reduce((a, b) => a * b, 1);
      const cells = <T>(cell: fc.Arbitrary<T>) => fc.array(cell, { minLength: length, maxLength: length });
      const count = fc.oneof(
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 90 }) },
      );
      return fc.record({
        sizes: fc.constant(sizes),
        counts: cells(count),
        weights: cells(fc.double({ min: 1e-6, max: 1, noNaN: true })),
      });
    })
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map(({ sizes, counts, weights }) => ({
      targets: marginsOf(table(sizes, counts)),
      joint: table(
        sizes,
        weights.map((weight, cell) => (counts[cell]! > 0 ? weight : 0)),
      ),
    }));

describe('iterative proportional fitting', () => {
  it('meets the margins, and keeps the ratios of odds of the table it starts from', () => {
    const joint = table([2, 2], [8, 2, 1, 9]);
    const { cells } = fitMargins(joint, [
      [500, 500],
      [300, 700],
    ]);
    expect(
      marginsOf(table([2, 2], [...cells]))
        .flat()
        .map(Math.round),
    ).toEqual([500, 500, 300, 700]);
    expect(oddsRatio(cells)).toBeCloseTo((8 * 9) / (2 * 1), 6);
  });

  it('leaves cells of zero empty', () => {
    const fitted = fitMargins(table([2, 2, 2], [1, 0, 2, 3, 1, 1, 0, 1]), [
      [5, 5],
      [4, 6],
      [3, 7],
    ]);
    expect([fitted.cells[1], fitted.cells[6]]).toEqual([0, 0]);
    expect(
      marginsOf(fitted)
        .flat()
        .map((sum) => Number(sum.toFixed(6))),
    ).toEqual([5, 5, 4, 6, 3, 7]);
  });
});

describe('rounding to margins', () => {
  it('meets those of two columns exactly whenever that can be, with whole numbers where the model has rows', () => {
    fc.assert(
      fc.property(feasible(2), ({ joint, targets }) => {
        const counts = rounded(joint, targets);
        expect(marginsOf(counts)).toEqual(targets);
        counts.cells.forEach((count, cell) => {
          expect(Number.isInteger(count) && count >= 0).toBe(true);
          if (joint.cells[cell] === 0) expect(count).toBe(0);
        });
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('meets those of three and four columns where all values go together', () => {
    const full = fc
      .integer({ min: 3, max: 4 })
      .chain(feasible)
      .map(({ joint, targets }) => ({
        targets,
        joint: new JointTable(
          joint.sizes,
          joint.cells.map((weight) => weight + 1e-3),
        ),
      }));
    fc.assert(
      fc.property(full, ({ joint, targets }) => {
        expect(marginsOf(rounded(joint, targets))).toEqual(targets);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('moves no cell by two or more from the fitted table of two columns that all go together', () => {
    const positive = feasible(2).map(({ joint, targets }) => ({
      targets,
      joint: new JointTable(
        joint.sizes,
        joint.cells.map((weight) => weight + 0.01),
      ),
    }));
    fc.assert(
      fc.property(positive, ({ joint, targets }) => {
        const fitted = fitMargins(joint, targets);
        rounded(joint, targets).cells.forEach((count, cell) => {
          expect(Math.abs(count - fitted.cells[cell]!)).toBeLessThan(2);
        });
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('says which values stand in the way', () => {
    // The first row has the second column alone.
    const joint = table([2, 2], [0, 1, 1, 1]);
    const targets = [
      [60, 40],
      [70, 30],
    ];
    expect(roundToMargins(fitMargins(joint, targets), joint, targets)).toEqual({
      axes: [0],
      combinations: [[0]],
      axis: 1,
      values: [1],
    });
  });

  it('refuses two columns only where such values prove it', () => {
    const wishes = feasible(2).chain(({ joint, targets: [rows] }) => {
      const total = rows!.reduce((sum, count) => sum + count, 0);
      const cuts = fc.array(fc.integer({ min: 0, max: total }), {
        minLength: joint.sizes[1]! - 1,
        maxLength: joint.sizes[1]! - 1,
      });
      return cuts.map((inner) => {
        const bounds = [0, ...inner.toSorted((a, b) => a - b), total];
        return { joint, targets: [rows!, bounds.slice(1).map((bound, k) => bound - bounds[k]!)] };
      });
    });
    let refused = 0;
    fc.assert(
      fc.property(wishes, ({ joint, targets }) => {
        const result = roundToMargins(fitMargins(joint, targets), joint, targets);
        if (result instanceof JointTable) {
          expect(marginsOf(result)).toEqual(targets);
          return;
        }
        refused++;
        const [rows, values] = [result.combinations.map(([row]) => row!), result.values];
        joint.cells.forEach((weight, cell) => {
          if (weight > 0 && rows.includes(joint.valueOf(cell, 0))) expect(values).toContain(joint.valueOf(cell, 1));
        });
        const sum = (places: readonly number[], axis: number) =>
          places.reduce((all, place) => all + targets[axis]![place]!, 0);
        expect(sum(rows, 0)).toBeGreaterThan(sum(values, 1));
      }),
      { seed: 4, numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(40);
  });

  it('takes the cells of a wished table that is met at its edge', () => {
    const joint = table([2, 2], [1, 1, 0, 1]);
    const targets = [
      [50, 50],
      [50, 50],
    ];
    expect([...rounded(joint, targets).cells]).toEqual([50, 0, 0, 50]);
  });
});

describe('samples of which each held a value', () => {
  it('tell together how often values meet, the rare ones too', () => {
    // P: a rare first value, which has the second column its own way.
    const truth = [0.0001, 0.0009, 0.699, 0.3];
    const joint = table([2, 2], truth);
    const random = new RandomStream(5, 'test.strata');
    const counts = new JointTable([2, 2]);
    const rows = 20_000;
    for (const axis of [0, 1]) {
      for (const value of [0, 1]) {
        const own = [...truth.keys()].filter((cell) => joint.valueOf(cell, axis) === value);
        const total = own.reduce((sum, cell) => sum + truth[cell]!, 0);
        for (let row = 0; row < rows; row++) {
          const first = random.next() * total < truth[own[0]!]!;
          counts.cells[first ? own[0]! : own[1]!]!++;
        }
      }
    }
    const pooled = poolStrata(counts, [
      [rows, rows],
      [rows, rows],
    ]);
    // The rare row's share of 1 in 10 is known from 20,000 rows to within 2 %, five standard deviations to 11 %.
    expect(oddsRatio(pooled.cells) / oddsRatio(truth)).toBeGreaterThan(0.85);
    expect(oddsRatio(pooled.cells) / oddsRatio(truth)).toBeLessThan(1.15);
  });
});
