import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationResult } from '../../src/core/plugin-api/index.js';
import { evaluateFidelity, valueOf } from '../support/evaluate-fidelity.js';
import { expectedFigures, type FidelityTable, fidelityTables } from '../support/fidelity-tables.js';

const TOLERANCE = 1e-6;

/** Every figure of SDMetrics 0.32 that the fixture holds, and no figure that it does not. */
describe.each<FidelityTable>(['adult', 'clinic', 'sensors'])('fidelity of %s', (name) => {
  const expected = expectedFigures(name);
  let result: EvaluationResult;
  beforeAll(async () => {
    result = await evaluateFidelity(fidelityTables(name));
  });

  function agrees(metric: string, columns: readonly string[], value: number | null): void {
    const ours = valueOf(result, metric, columns);
    const label = `${metric} ${columns.join(' × ')}`;
    if (value === null) expect(ours, label).toBeNull();
    else expect(Math.abs(ours! - value), `${label}: ${ours}, not ${value}`).toBeLessThan(TOLERANCE);
  }

  it('gives the same column shapes', () => {
    for (const [column, value] of Object.entries(expected.all_pairs.shapes)) agrees('column_shape', [column], value);
    agrees('column_shapes', [], expected.all_pairs.column_shapes);
  });

  it('gives the same column pairs, with separate edges', () => {
    for (const { columns, score } of expected.all_pairs.pairs) agrees('pair_trend_compatible', columns, score);
    agrees('pair_trends_all_pairs', [], expected.all_pairs.pair_trends);
    agrees('quality_all_pairs', [], expected.all_pairs.quality);
  });

  it('counts the same strong pairs', () => {
    const strong = expected.strong_pairs.pairs.filter(({ counts }) => counts === true);
    expect(strong.length).toBeGreaterThan(0);
    expect(result.notes!.join(' ')).toContain(
      `${strong.length} of ${expected.all_pairs.pairs.length} pairs are strongly`,
    );
    agrees('pair_trends_strong_pairs', [], expected.strong_pairs.pair_trends);
    agrees('quality_strong_pairs', [], expected.strong_pairs.quality);
  });

  it('gives the same mixed pairs, with the real edges', () => {
    expect(expected.real_edges.length).toBeGreaterThan(0);
    for (const { columns, score } of expected.real_edges) agrees('pair_trend', columns, score);
  });

  it('gives the same missingness', () => {
    for (const [column, value] of Object.entries(expected.missingness)) {
      if (column !== 'patient') agrees('column_missingness', [column], value);
    }
  });

  it('gives the same diagnostic', () => {
    for (const [column, value] of Object.entries(expected.diagnostic.columns))
      agrees('column_validity', [column], value);
    for (const id of ['validity', 'structure', 'diagnostic'] as const) agrees(id, [], expected.diagnostic[id]);
  });

  it('gives the accuracies that their definition gives', () => {
    for (const [id, value] of Object.entries(expected.accuracy)) agrees(id, [], value);
  });
});
