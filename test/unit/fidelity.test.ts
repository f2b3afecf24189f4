import { describe, expect, it } from 'vitest';
import type { ColumnKind, TableSource } from '../../src/core/plugin-api/index.js';
import { checkContribution } from '../../src/core/plugin-host/check-contribution.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { cellSource } from '../support/csv-source.js';
import { evaluateFidelity, valueOf } from '../support/evaluate-fidelity.js';
import { fidelityTables } from '../support/fidelity-tables.js';

type Cell = string | null;

function table(columns: Readonly<Record<string, readonly [ColumnKind, readonly Cell[]]>>): TableSource {
  const schema = Object.entries(columns).map(([name, [kind]]) => ({ name, kind, nullable: true }));
  return cellSource(
    schema,
    Object.values(columns).map(([, cells]) => cells),
  );
}

function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const wide = (columns: number, rows: number, shift = 0): TableSource =>
  table(
    Object.fromEntries(
      repeat(columns, (c) => [
        `c${c}`,
        ['integer', repeat(rows, (r) => String(((r + shift) * (c + 3)) % 17))] as const,
      ]),
    ),
  );

describe('the fidelity plugin', () => {
  it('is a contribution that the host accepts', () => {
    expect(() =>
      checkContribution(fidelity, (reason) => {
        throw new Error(reason);
      }),
    ).not.toThrow();
  });

  it('gives only metrics that it declares, each a finite number or a reason', async () => {
    const result = await evaluateFidelity(fidelityTables('clinic'));
    const declared = new Map(fidelity.metrics.map((metric) => [metric.id, metric]));
    for (const { metric, value, reason, columns } of result.metrics) {
      const { scope, range } = declared.get(metric)!;
      expect(columns?.length ?? 0).toBe({ dataset: 0, column: 1, 'column-pair': 2 }[scope]);
      if (value === null) expect(reason).toMatch(/\w/);
      else expect(value >= range[0] && value <= range[1], `${metric} ${value}`).toBe(true);
    }
    expect(new Set(result.metrics.map(({ metric }) => metric))).toEqual(new Set(declared.keys()));
  });

  it('gives the same result for the same seed, and other controls for another', async () => {
    const [first, again, other] = await Promise.all(
      [5, 5, 6].map((seed) => evaluateFidelity({ ...fidelityTables('sensors'), seed })),
    );
    expect(again).toEqual(first);
    expect(valueOf(other!, 'pair_trends', [], 'independent')).not.toBe(
      valueOf(first!, 'pair_trends', [], 'independent'),
    );
    expect(valueOf(other!, 'quality')).toBe(valueOf(first!, 'quality'));
  });

  it('reports steps up to the whole, and stops when the run is cancelled', async () => {
    const seen: number[] = [];
    const report = ({ completed, total }: { completed: number; total: number }) => void seen.push(completed / total);
    await evaluateFidelity({ ...fidelityTables('sensors'), context: { report } });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));

    let ticks = 0;
    const tick = async () => {
      if (++ticks === 20) throw new Error('cancelled');
    };
    await expect(evaluateFidelity({ ...fidelityTables('sensors'), context: { tick } })).rejects.toThrow('cancelled');
    expect(ticks).toBe(20);
  });
});

describe('the controls of fidelity', () => {
  const rows = 2000;
  const related = (start: number) =>
    table({
      x: ['continuous', repeat(rows, (r) => String(((r + start) * 7919) % 1009))],
      y: ['continuous', repeat(rows, (r) => String((((r + start) * 7919) % 1009) * 2 + (r % 5)))],
      g: ['categorical', repeat(rows, (r) => (((r + start) * 7919) % 1009 > 500 ? 'high' : 'low'))],
    });

  it('keep the columns and lose every relation when each column is permuted', async () => {
    const result = await evaluateFidelity({ real: related(0), synthetic: related(0) });
    expect(valueOf(result, 'column_shapes', [], 'independent')).toBe(1);
    expect(valueOf(result, 'accuracy_1_way', [], 'independent')).toBe(1);
    // The correlation of 2000 permuted pairs is within ±0.1 but once in 100,000 seeds: (1 − 0.1) / 2.
    expect(valueOf(result, 'pair_trend', ['x', 'y'], 'independent')).toBeLessThan(0.55);
    expect(valueOf(result, 'quality')).toBe(1);
  });

  it('rate held-out rows of the same distribution near 1', async () => {
    const result = await evaluateFidelity({ real: related(0), synthetic: related(0), holdout: related(3000) });
    expect(valueOf(result, 'quality', [], 'holdout')).toBeGreaterThan(0.98);
    expect(valueOf(result, 'column_shape', ['x'], 'holdout')).toBeGreaterThan(0.95);
  });

  it('say why there is no held-out row', async () => {
    const result = await evaluateFidelity(fidelityTables('sensors'));
    const holdout = result.metrics.filter(({ subject }) => subject === 'holdout');
    expect(holdout.map(({ metric }) => metric)).toEqual(
      fidelity.metrics.filter(({ scope }) => scope === 'dataset').map(({ id }) => id),
    );
    expect(holdout.every(({ value, reason }) => value === null && reason!.includes('no rows out of training'))).toBe(
      true,
    );
  });
});

describe('fidelity of tables that do not match', () => {
  it('maps categories by their text, whatever the order of the dictionaries', async () => {
    const real = table({ g: ['categorical', ['a', 'b', 'b', null]], h: ['categorical', ['u', 'v', 'v', 'u']] });
    const synthetic = table({ g: ['categorical', ['b', null, 'a', 'b']], h: ['categorical', ['v', 'u', 'u', 'v']] });
    const result = await evaluateFidelity({ real, synthetic });
    expect(valueOf(result, 'quality_all_pairs')).toBe(1);
    expect(valueOf(result, 'accuracy')).toBe(1);
  });

  it('sees a shift of a whole column that separate edges hide', async () => {
    const numbers = (shift: number) => ['integer', repeat(500, (r) => String((r % 100) + shift))] as const;
    const labels = ['categorical', repeat(500, (r) => (r % 100 < 50 ? 'low' : 'high'))] as const;
    const result = await evaluateFidelity({
      real: table({ n: numbers(0), g: labels }),
      synthetic: table({ n: numbers(1000), g: labels }),
    });
    expect(valueOf(result, 'pair_trend_compatible', ['n', 'g'])).toBe(1);
    expect(valueOf(result, 'pair_trend', ['n', 'g'])).toBeLessThan(0.2);
  });

  it('names the column that is absent or of another kind', async () => {
    const real = table({
      n: ['integer', ['1', '2']],
      g: ['categorical', ['a', 'b']],
      h: ['boolean', ['True', 'False']],
    });
    const synthetic = table({ g: ['integer', ['1', '2']], h: ['boolean', ['True', 'False']] });
    const result = await evaluateFidelity({ real, synthetic });
    const reasonOf = (column: string) =>
      result.metrics.find((m) => m.metric === 'column_shape' && m.subject === 'synthetic' && m.columns![0] === column)
        ?.reason;
    expect(reasonOf('n')).toBe('The synthetic rows have no column "n"');
    expect(reasonOf('g')).toBe('Column "g" is of another kind in the synthetic rows');
    expect(valueOf(result, 'column_shape', ['h'])).toBe(1);
    expect(valueOf(result, 'structure')).toBe(1 / 4);
    expect(valueOf(result, 'pair_trend', ['n', 'h'])).toBeNull();
  });

  it('counts repeated and missing keys, and compares keys in no other way', async () => {
    const real = table({ id: ['identifier', ['a', 'b', 'c', 'd']], n: ['integer', ['1', '2', '3', '4']] });
    const synthetic = table({ id: ['identifier', ['x', 'x', null, 'y']], n: ['integer', ['1', '2', '3', '9']] });
    const result = await evaluateFidelity({ real, synthetic });
    expect(valueOf(result, 'column_validity', ['id'])).toBe(1 / 2);
    expect(valueOf(result, 'column_validity', ['n'])).toBe(3 / 4);
    expect(valueOf(result, 'column_shape', ['id'])).toBeUndefined();
    expect(result.notes!.join(' ')).toContain('not compared: "id"');
  });

  it.each<[string, TableSource, TableSource]>([
    [
      'no synthetic row',
      table({ n: ['integer', ['1', '2']], g: ['categorical', ['a', 'b']] }),
      table({ n: ['integer', []], g: ['categorical', []] }),
    ],
    ['no row at all', table({ n: ['integer', []] }), table({ n: ['integer', []] })],
    ['no column', table({}), table({})],
    [
      'one row',
      table({ n: ['integer', ['1']], d: ['datetime', ['2020-01-01']] }),
      table({ n: ['integer', ['1']], d: ['datetime', ['2020-01-01']] }),
    ],
    [
      'missing values only',
      table({ n: ['continuous', [null, null]], g: ['categorical', [null, null]], b: ['boolean', [null, null]] }),
      table({ n: ['continuous', ['1', null]], g: ['categorical', ['a', null]], b: ['boolean', ['True', null]] }),
    ],
    [
      'infinite and enormous numbers',
      table({ n: ['continuous', ['1e308', '-1e308', 'Infinity']], m: ['continuous', ['1', '2', '3']] }),
      table({ n: ['continuous', ['1', '2', '-Infinity']], m: ['continuous', ['1e308', '2', '3']] }),
    ],
    [
      'a column called __proto__',
      table({ ['__proto__']: ['integer', ['1', '2']] }),
      table({ ['__proto__']: ['integer', ['1', '2']] }),
    ],
  ])('gives numbers or reasons, and charts without NaN: %s', async (_, real, synthetic) => {
    const result = await evaluateFidelity({ real, synthetic, holdout: synthetic });
    for (const { metric, value, reason } of result.metrics) {
      if (value === null) expect(reason, metric).toMatch(/\w/);
      else expect(Number.isFinite(value), metric).toBe(true);
    }
    const text = JSON.stringify(result.charts, (_key, value: unknown) => {
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      return value;
    });
    expect(text).not.toMatch(/NaN|Infinity/);
  });
});

const cycledLabels = (rows: number, step: number) => repeat(rows, (r) => `v${(r * step) % 701}`);

describe('fidelity of large tables', () => {
  it('draws pairs and triples by the seed when there are too many, and says so', async () => {
    const config = { maximum_pairs: 50, maximum_triples: 40, chart_columns: 5 };
    const run = (seed: number) => evaluateFidelity({ real: wide(40, 60), synthetic: wide(40, 60, 4), config, seed });
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    const pairsOf = (result: typeof first) =>
      result.metrics
        .filter((m) => m.metric === 'pair_trend' && m.subject === 'synthetic')
        .map((m) => m.columns!.join());
    expect(new Set(pairsOf(first)).size).toBe(50);
    expect(pairsOf(again)).toEqual(pairsOf(first));
    expect(pairsOf(other)).not.toEqual(pairsOf(first));
    expect(first.notes).toContain('Of 780 pairs of columns, 50 were drawn by the seed.');
    expect(first.notes).toContain('Of 9880 triples of columns, 40 were drawn by the seed.');
    expect(first.charts!.filter(({ id }) => id.startsWith('marginal'))).toHaveLength(5);
  });

  it('draws rows by the seed when there are too many cells, and says so', async () => {
    const config = { maximum_cells: 600 };
    const result = await evaluateFidelity({ real: wide(3, 20_000), synthetic: wide(3, 20_000, 4), config });
    expect(result.notes!.filter((note) => note.startsWith('Of 20000'))).toHaveLength(2);
    // Dvoretzky-Kiefer-Wolfowitz for two samples of 200 rows: above 0.25 but once in 10,000 seeds.
    expect(valueOf(result, 'column_shape', ['c0'])).toBeGreaterThan(0.75);
    expect(valueOf(result, 'column_shape', ['c0'])).toBeLessThan(1);
  });

  it('counts a pair of columns with many labels the same, densely or not', async () => {
    const real = table({ a: ['categorical', cycledLabels(1400, 3)], b: ['categorical', cycledLabels(1400, 5)] });
    const synthetic = table({ a: ['categorical', cycledLabels(1400, 3)], b: ['categorical', cycledLabels(1400, 9)] });
    const result = await evaluateFidelity({ real, synthetic });
    // b is (5/3)·a modulo 701 in one table and 3·a in the other: they meet where a = 0 alone, 2 of 1400 rows.
    expect(valueOf(result, 'pair_trend', ['a', 'b'])).toBeCloseTo(2 / 1400, 12);
    expect(valueOf(result, 'column_shapes')).toBeGreaterThan(0.99);
  });

  it.each([
    ['strong_correlation', { strong_correlation: 0.999 }],
    ['strong_association', { strong_association: 0.999 }],
  ])('lets %s decide which pairs count', async (_, config) => {
    const tables = fidelityTables('sensors');
    const result = await evaluateFidelity({ ...tables, config });
    const standard = await evaluateFidelity(tables);
    expect(valueOf(result, 'quality_strong_pairs')).not.toBe(valueOf(standard, 'quality_strong_pairs'));
    expect(valueOf(result, 'quality_all_pairs')).toBe(valueOf(standard, 'quality_all_pairs'));
  });
});
