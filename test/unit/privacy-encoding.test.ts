import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  collectColumns,
  decodeColumn,
  encodeTable,
  epsilonOf,
  fitPrivateEncoding,
  missingCode,
  NO_CODE,
  noisyRowCount,
  PrivacyBudgetError,
  PrivacyLedger,
  seededNoise,
  type ColumnCoding,
  type ColumnSchema,
  type NoiseSource,
  type PrivacySpent,
} from '../../src/core/plugin-api/index.js';
import { fitCategories } from '../../src/core/plugin-api/privacy/encoding/category-coding.js';
import { consistentCounts, disclosureThreshold } from '../../src/core/plugin-api/privacy/encoding/noisy-counts.js';
import { NoisyAnswers } from '../../src/core/plugin-api/privacy/encoding/query.js';
import { tableFromRows, testContext, type Cell } from '../../src/core/plugin-api/testing/index.js';

const DAY = 86_400_000;
const SCHEMA: readonly ColumnSchema[] = [
  { name: 'city', kind: 'categorical', nullable: true },
  { name: 'size', kind: 'categorical', nullable: false, categories: ['S', 'M', 'L', 'XL'] },
  { name: 'age', kind: 'integer', nullable: true },
  { name: 'price', kind: 'continuous', nullable: false },
  { name: 'share', kind: 'continuous', nullable: false, bounds: [0, 1] },
  { name: 'born', kind: 'datetime', nullable: false },
  { name: 'member', kind: 'boolean', nullable: false },
];

function rowsFor(count: number): Cell[][] {
  return Array.from({ length: count }, (_, i) => [
    i % 10 === 0 ? null : i % 3 ? 'Oslo' : 'Riga',
    ['S', 'M', 'L'][i % 3]!,
    i % 8 === 0 ? null : 20 + (i % 40),
    i % 2 ? 0 : 100 + (i % 1000) / 8,
    (i % 997) / 997,
    (7000 + (i % 3650)) * DAY,
    i % 4 === 0,
  ]);
}

interface Encoded {
  readonly codings: readonly ColumnCoding[];
  readonly ledger: PrivacyLedger;
}

async function encode(
  rows: readonly (readonly Cell[])[],
  budget: PrivacySpent = { epsilon: 2, delta: 1e-6 },
  source: NoiseSource = seededNoise(1, 'test'),
  schema: readonly ColumnSchema[] = SCHEMA,
): Promise<Encoded> {
  const table = await collectColumns(tableFromRows(schema, rows), 1e9, testContext());
  const ledger = new PrivacyLedger(budget);
  const plan = { epsilon: budget.epsilon / 2, bins: 16, rowCount: rows.length };
  return { codings: await fitPrivateEncoding(schema, table.columns, plan, ledger, source), ledger };
}

const coding = ({ codings }: Encoded, name: string) => codings.find((column) => column.name === name)!;
const cellsOf = ({ values }: ColumnCoding) => ('cells' in values ? values.cells : expect.fail('no cells'));
const categoriesOf = ({ values }: ColumnCoding) => ('categories' in values ? values.categories : expect.fail('none'));

afterEach(() => vi.restoreAllMocks());

describe('private encoding', () => {
  it('finds categories, ranges, grids and missing cells of twenty thousand rows', async () => {
    const encoded = await encode(rowsFor(20_000));
    expect(categoriesOf(coding(encoded, 'city'))).toEqual(['Oslo', 'Riga']);
    expect(coding(encoded, 'city').missing).toBe(true);
    const age = coding(encoded, 'age');
    expect(cellsOf(age).starts[0]).toBeGreaterThanOrEqual(16);
    expect(cellsOf(age).ends.at(-1)).toBeLessThanOrEqual(64);
    expect(age.missing).toBe(true);
    expect(coding(encoded, 'price').values).toMatchObject({ grid: { places: 2 } });
    expect(coding(encoded, 'born').values).toMatchObject({ grid: { unit: DAY } });
    expect(coding(encoded, 'price').missing).toBe(false);
  });

  it('has masses near the true counts, which sum to the row count', async () => {
    const encoded = await encode(rowsFor(20_000));
    for (const { masses } of encoded.codings) {
      expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(20_000, 6);
    }
    expect(coding(encoded, 'member').masses[1]! / 20_000).toBeCloseTo(0.25, 1);
    const price = coding(encoded, 'price');
    // Half of the prices are 0, which has a cell of its own.
    expect(cellsOf(price).starts[0]).toBe(0);
    expect(cellsOf(price).ends[0]).toBe(1);
    expect(price.masses[0]! / 20_000).toBeCloseTo(0.5, 1);
  });

  it('keeps declared categories, those that nobody has too, and declared bounds', async () => {
    const encoded = await encode(rowsFor(2000));
    expect(categoriesOf(coding(encoded, 'size')).toSorted()).toEqual(['L', 'M', 'S', 'XL']);
    const cells = cellsOf(coding(encoded, 'share'));
    const { values } = coding(encoded, 'share');
    const scale = 'grid' in values && 'places' in values.grid ? 10 ** values.grid.places : 1;
    expect(cells.starts[0]! / scale).toBeGreaterThanOrEqual(0);
    expect(cells.ends.at(-1)! / scale).toBeLessThanOrEqual(1 + 1 / scale);
  });

  it('never releases a category of one row, whatever the noise, and always one of many rows', () => {
    const column = {
      codes: Int32Array.from({ length: 1000 }, (_, i) => (i === 17 ? 1 : 0)),
      dictionary: ['Oslo', 'Atlantis'],
    };
    const threshold = disclosureThreshold(20, 1e-6);
    for (let seed = 0; seed < 300; seed++) {
      const answers = new NoisyAnswers(['counts'], 20, seededNoise(seed, 'test'));
      // A right threshold lets it through in one of a million seeds.
      const city = fitCategories(SCHEMA[0]!, column, answers, threshold, 1000);
      expect(categoriesOf(city)).toEqual(['Oslo']);
    }
  });

  it('reads of a row one count of each query, and charges every query', async () => {
    const asked = async (rows: readonly (readonly Cell[])[]) => {
      const counts: { purpose: string; counts: Float64Array }[] = [];
      const ask = NoisyAnswers.prototype.ask;
      const spy = vi.spyOn(NoisyAnswers.prototype, 'ask').mockImplementation(function (
        this: NoisyAnswers,
        purpose,
        given,
      ) {
        counts.push({ purpose, counts: Float64Array.from(given) });
        // The same answers for both tables, so that later questions are the same.
        return ask.call(this, purpose, replay[counts.length - 1] ?? given);
      });
      const { ledger } = await encode(rows);
      spy.mockRestore();
      return { counts, ledger };
    };
    const replay: Float64Array[] = [];
    const rows = rowsFor(5000);
    const first = await asked(rows);
    replay.push(...first.counts.map(({ counts }) => counts));
    const second = await asked([...rows, ['Oslo', 'XL', 1_000_000, -3.25, 0.5, 20_000 * DAY, true]]);
    expect(second.counts).toHaveLength(first.counts.length);
    second.counts.forEach(({ counts }, k) => {
      const distance = counts.reduce((sum, count, i) => sum + Math.abs(count - replay[k]![i]!), 0);
      expect(distance).toBe(1);
    });
    const charged = first.ledger.runs().filter(({ mechanism }) => mechanism.type === 'discrete-gaussian');
    expect(charged.reduce((sum, { count }) => sum + count, 0)).toBe(first.counts.length);
  });

  it('refuses a query that was not charged', () => {
    const answers = new NoisyAnswers(['counts'], 5, seededNoise(1, 'test'));
    answers.ask('counts', [1]);
    expect(() => answers.ask('counts', [1])).toThrow('not charged');
  });

  it('stays within its share, and says so when that buys nothing', async () => {
    const { ledger } = await encode(rowsFor(500));
    expect(ledger.spent().epsilon).toBeLessThanOrEqual(1);
    expect(ledger.spent().epsilon).toBeGreaterThan(0.99);
    await expect(encode(rowsFor(500), { epsilon: 1e-7, delta: 1e-9 })).rejects.toThrow(PrivacyBudgetError);
  });

  it('encodes and decodes: values come back within their cell, on their grid, missing ones as missing', async () => {
    const rows = rowsFor(20_000);
    const { codings } = await encode(rows);
    const { columns } = await collectColumns(tableFromRows(SCHEMA, rows), 1e9, testContext());
    const { codes } = encodeTable(codings, columns, rows.length);
    codings.forEach((column, c) => {
      const own = Uint16Array.from(rows, (_, row) => codes[row * codings.length + c]!);
      const wrong = rows.findIndex((row, r) => {
        return row[c] === null ? own[r] !== missingCode(column) : own[r] === NO_CODE;
      });
      expect(wrong).toBe(-1);
      const decoded = decodeColumn(column, own, (row) => (row % 100) / 100);
      if (!('values' in decoded)) return;
      const again = encodeTable([column], [decoded], rows.length).codes;
      expect(
        again.findIndex((code, row) => code !== own[row]),
        column.name,
      ).toBe(-1);
    });
  });
});

describe('row count', () => {
  it('has the noise that it is charged for', () => {
    const source = seededNoise(1, 'count');
    const counts = Array.from({ length: 4000 }, () => noisyRowCount(1000, 0.05, source).rowCount - 1000);
    const variance = counts.reduce((sum, y) => sum + y * y, 0) / counts.length;
    const ratio = Math.exp(-0.05);
    // Its fourth moment is below seven times the squared variance; 4.9 standard errors are an error rate of 1e-6.
    expect(Math.abs(variance / ((2 * ratio) / (1 - ratio) ** 2) - 1)).toBeLessThan(4.9 * Math.sqrt(6 / counts.length));
    expect(epsilonOf(noisyRowCount(1000, 0.05, source).charge.runs, 1e-12)).toBeCloseTo(0.05, 6);
  });
});

const gaussian = (sigma: number) => ({
  mechanism: `noise ${sigma}`,
  reads: 'counts',
  runs: [{ mechanism: { type: 'gaussian' as const, noiseMultiplier: sigma }, count: 1 }],
});

describe('privacy ledger', () => {
  it('has entries that add up to what was spent', () => {
    const ledger = new PrivacyLedger({ epsilon: 3, delta: 1e-6 });
    ledger.charge([gaussian(4), gaussian(8)]);
    ledger.charge([gaussian(6)]);
    const entries = ledger.entries();
    expect(entries.map(({ mechanism }) => mechanism)).toEqual(['noise 4', 'noise 8', 'noise 6']);
    expect(entries.reduce((sum, { epsilon }) => sum + epsilon, 0)).toBeCloseTo(ledger.spent().epsilon, 12);
    expect(entries[0]!.epsilon / entries[1]!.epsilon).toBeCloseTo(4, 6);
  });

  it('refuses what would pass the budget, and charges nothing then', () => {
    const ledger = new PrivacyLedger({ epsilon: 1, delta: 1e-6 });
    ledger.charge([gaussian(10)]);
    const before = ledger.spent();
    expect(() => ledger.charge([gaussian(100), gaussian(2)])).toThrow(PrivacyBudgetError);
    expect(ledger.spent()).toEqual(before);
    expect(ledger.entries()).toHaveLength(1);
  });
});

describe('noisy counts', () => {
  it('become counts that are not negative and have the wanted sum', () => {
    expect([...consistentCounts([10, -3, 5], 12)]).toEqual([8.5, 0, 3.5]);
    expect([...consistentCounts([6, -3, 4], 20)]).toEqual([12, 0, 8]);
    expect([...consistentCounts([-1, -2], 4)]).toEqual([2, 2]);
  });

  it('pass the threshold by noise alone with at most the wanted probability', () => {
    const sigma = 3;
    const delta = 1e-3;
    const threshold = disclosureThreshold(sigma, delta);
    const weights = Array.from({ length: 401 }, (_, i) => Math.exp(-0.5 * ((i - 200) / sigma) ** 2));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const passing = (least: number) => {
      return weights.reduce((sum, weight, i) => sum + (1 + (i - 200) >= least ? weight / total : 0), 0);
    };
    expect(passing(threshold)).toBeLessThanOrEqual(delta);
    expect(passing(threshold - 1)).toBeGreaterThan(delta);
  });
});
