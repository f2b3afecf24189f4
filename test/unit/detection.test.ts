import { describe, expect, it } from 'vitest';
import { RandomStream, type TableSource } from '../../src/core/plugin-api/index.js';
import { type Cell, tableFromRows } from '../../src/core/plugin-api/testing/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { adultTable } from '../support/adult.js';
import { reasonOf, rowsOfSource, runEvaluator, scoreOf, sourceOf } from '../support/evaluate.js';

const config = { maximum_triples: 1, maximum_pairs: 1 };

async function halves(source: TableSource): Promise<[Cell[][], Cell[][]]> {
  const rows = await rowsOfSource(source);
  const order = new RandomStream(31, 'test.halves').shuffle(Uint32Array.from(rows.keys()));
  const half = rows.length >>> 1;
  const cut = (from: number) => Array.from(order.slice(from, from + half), (row) => rows[row]!);
  return [cut(0), cut(half)];
}

describe('detection', () => {
  const adult = adultTable(8000);

  // Cross-validated on 4,000 rows a side, the AUC errs by about 0.007: the bound is four times that.
  it('cannot tell fresh real rows, and tells independent columns at once', async () => {
    const [real, fresh] = (await halves(adult)).map((rows) => sourceOf(adult, rows)) as [TableSource, TableSource];
    const result = await runEvaluator(fidelity, { real, synthetic: fresh, holdout: fresh, config });
    for (const subject of ['synthetic', 'holdout'] as const) {
      expect(scoreOf(result, 'detection', subject)).toBeGreaterThan(0.94);
      expect(scoreOf(result, 'detection_logistic', subject)).toBeGreaterThan(0.94);
    }
    expect(scoreOf(result, 'detection', 'independent')).toBeLessThan(0.1);
    expect(scoreOf(result, 'detection_logistic', 'independent')).toBeGreaterThan(0.94);
    expect(result.charts!.find(({ id }) => id === 'detection-roc')).toMatchObject({ series: { length: 3 } });
  });

  it('tells rows by a single category that real rows never have, and by a shifted number', async () => {
    const [real, fresh] = await halves(adult);
    const strange = fresh.map((row) => [row[0]!, ' Unseen', ...row.slice(2)]);
    const shifted = fresh.map((row) => [Number(row[0]) + 40, ...row.slice(1)]);
    for (const rows of [strange, shifted]) {
      const tables = { real: sourceOf(adult, real), synthetic: sourceOf(adult, rows) };
      const result = await runEvaluator(fidelity, { ...tables, config: { ...config, detection_rows: 1000 } });
      expect(scoreOf(result, 'detection')).toBeLessThan(0.15);
    }
  });

  it('of too few rows, or of keys alone, gives the reason', async () => {
    const few = sourceOf(adult, (await rowsOfSource(adult)).slice(0, 2));
    const result = await runEvaluator(fidelity, { real: few, synthetic: few, config });
    expect(reasonOf(result, 'detection')).toBe('Too few rows to be split into 3 folds');
    const keys = tableFromRows(
      [{ name: 'id', kind: 'identifier', nullable: false }],
      Array.from({ length: 20 }, (_, i) => [`k${i}`]),
    );
    expect(reasonOf(await runEvaluator(fidelity, { real: keys, synthetic: keys, config }), 'detection')).toBe(
      'No column can be compared',
    );
  });

  it('of a table that lacks a column, all-missing and constant ones, gives a result', async () => {
    const rows = (await rowsOfSource(adult)).slice(0, 300).map((row) => [null, ...row.slice(1, -1), 'x']);
    const columns = adult.schema.columns;
    const real = tableFromRows(columns, rows);
    const lacking = tableFromRows(
      columns.slice(0, -1),
      rows.map((row) => row.slice(0, -1)),
    );
    const result = await runEvaluator(fidelity, { real, synthetic: lacking, config });
    expect(scoreOf(result, 'detection')).toBeLessThan(0.05);
  });
});
