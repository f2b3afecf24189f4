import { beforeAll, describe, expect, it } from 'vitest';
import { type EvaluationResult, RandomStream, type TableSource } from '../../src/core/plugin-api/index.js';
import { type Cell, tableFromRows } from '../../src/core/plugin-api/testing/index.js';
import { utility } from '../../src/plugins/utility/index.js';
import { adultTable } from '../support/adult.js';
import { reasonOf, rowsOfSource, runEvaluator, scoreOf, sourceOf } from '../support/evaluate.js';
import { fidelityTables } from '../support/fidelity-tables.js';

async function splitInThree(source: TableSource): Promise<[TableSource, TableSource, TableSource]> {
  const rows = await rowsOfSource(source);
  const order = new RandomStream(21, 'test.three').shuffle(Uint32Array.from(rows.keys()));
  const third = Math.floor(rows.length / 3);
  const part = (i: number) =>
    sourceOf(
      source,
      Array.from(order.slice(i * third, (i + 1) * third), (row) => rows[row]!),
    );
  return [part(0), part(1), part(2)];
}

async function shuffledEach(source: TableSource): Promise<TableSource> {
  const rows = await rowsOfSource(source);
  const columns = source.schema.columns.map((_, c) => {
    const order = new RandomStream(22, `test.shuffle.${c}`).shuffle(Uint32Array.from(rows.keys()));
    return Array.from(order, (row) => rows[row]![c]!);
  });
  return sourceOf(
    source,
    rows.map((_, i) => columns.map((column) => column[i]!)),
  );
}

describe('models that learn from adult', () => {
  let real: TableSource;
  let fresh: TableSource;
  let holdout: TableSource;
  let result: EvaluationResult;
  beforeAll(async () => {
    [real, fresh, holdout] = await splitInThree(adultTable(9000));
    result = await runEvaluator(utility, { real, synthetic: fresh, holdout });
  });

  it('predict as well from fresh real rows as from the real ones', () => {
    expect(scoreOf(result, 'predictive_ratio')).toBeGreaterThan(0.9);
    for (const model of ['boosted_trees', 'linear', 'decision_tree']) {
      const [one, two] = (['synthetic', 'holdout'] as const).map((subject) =>
        scoreOf(result, `${model}_roc_auc`, subject, 'income'),
      );
      expect(Math.abs(one! - two!), model).toBeLessThan(0.03);
    }
  });

  it('predict next to nothing from independent columns', async () => {
    const useless = await runEvaluator(utility, { real, synthetic: await shuffledEach(real), holdout });
    for (const subject of ['synthetic', 'independent'] as const) {
      expect(scoreOf(useless, 'predictive_ratio', subject)).toBeLessThan(0.2);
      // Random weights on related columns rank the test rows a little by chance, either way.
      expect(Math.abs(scoreOf(useless, 'linear_roc_auc', subject, 'income')! - 0.5)).toBeLessThan(0.2);
    }
  });

  it('have the real rows as the ceiling', () => {
    expect(scoreOf(result, 'predictive_ratio', 'holdout')).toBe(1);
    expect(scoreOf(result, 'boosted_trees_roc_auc', 'holdout', 'income')).toBeGreaterThan(0.88);
  });

  it('say which targets were chosen', () => {
    expect(result.notes![0]).toContain('"income", "hours-per-week" are predicted');
  });

  it('predict the target that is named, and that alone', async () => {
    const named = await runEvaluator(utility, { real, synthetic: fresh, holdout, targetColumn: 'sex' });
    const targets = new Set(named.metrics.flatMap(({ columns = [] }) => columns));
    expect([...targets]).toEqual(['sex']);
  });
});

describe('targets of other tables', () => {
  it('are chosen among dates, gaps, keys and booleans', async () => {
    const [real, fresh, holdout] = await splitInThree(fidelityTables('clinic').real);
    const result = await runEvaluator(utility, { real, synthetic: fresh, holdout });
    expect(result.notes![0]).toContain('"visits", "cost" are predicted');
    for (const { value, reason } of result.metrics) expect(value !== null || Boolean(reason)).toBe(true);
  });

  it('of several classes are predicted', async () => {
    const [real, fresh, holdout] = await splitInThree(fidelityTables('sensors').real);
    const result = await runEvaluator(utility, { real, synthetic: fresh, holdout, targetColumn: 'state' });
    expect(scoreOf(result, 'boosted_trees_f1_macro', 'synthetic', 'state')).toBeGreaterThan(0.95);
    expect(scoreOf(result, 'boosted_trees_f1_rare', 'synthetic', 'state')).toBeGreaterThan(0.9);
  });
});

describe('an odd table', () => {
  const columns = (['x', 'y', 'label'] as const).map((name) => {
    return { name, kind: name === 'label' ? 'categorical' : 'continuous', nullable: true } as const;
  });
  const table = (rows: Cell[][]) => tableFromRows(columns, rows);
  const ordinary = Array.from({ length: 60 }, (_, i): Cell[] => [i, i % 7, i < 30 ? 'a' : 'b']);
  const run = (real: Cell[][], synthetic: Cell[][], holdout: Cell[][], targetColumn = 'label') =>
    runEvaluator(utility, { real: table(real), synthetic: table(synthetic), holdout: table(holdout), targetColumn });

  it('with a target of one class gives the reason', async () => {
    const same = ordinary.map(([x, y]) => [x!, y!, 'a']);
    const result = await run(same, ordinary, ordinary);
    expect(scoreOf(result, 'predictive_ratio')).toBeNull();
    expect(reasonOf(result, 'predictive_ratio')).toContain('"label" has a single value');
  });

  it('with a target of one class in the synthetic rows gives a result', async () => {
    const same = ordinary.map(([x, y]) => [x!, y!, 'a']);
    const result = await run(ordinary, same, ordinary);
    expect(scoreOf(result, 'predictive_ratio')).toBe(0);
    expect(scoreOf(result, 'boosted_trees_accuracy', 'synthetic', 'label')).toBe(0.5);
  });

  it('with one class among the test rows gives the reason', async () => {
    const result = await run(ordinary, ordinary, ordinary.slice(0, 20));
    expect(reasonOf(result, 'boosted_trees_roc_auc', 'label')).toBe('The test rows are all of one class');
    expect(reasonOf(result, 'predictive_ratio')).toBe('The test rows are all of one class');
  });

  it('with categories and classes never trained on gives a result', async () => {
    const strange = ordinary.map(([x, y], i) => [x!, y!, i % 3 === 0 ? 'c' : 'a']);
    const result = await run(ordinary, strange, strange);
    expect(scoreOf(result, 'boosted_trees_accuracy', 'synthetic', 'label')).not.toBeNull();
    const byLabel = await run(ordinary, strange, strange, 'x');
    expect(scoreOf(byLabel, 'boosted_trees_r_squared', 'synthetic', 'x')).not.toBeNull();
  });

  it.each([0, 1, 3])('of %i rows each gives a result or a reason', async (count) => {
    const few = ordinary.slice(29, 29 + count);
    const result = await run(few, few, few);
    for (const { metric, value, reason } of result.metrics) expect(value ?? reason, metric).toBeDefined();
    expect(JSON.stringify(result)).not.toContain('NaN');
  });

  it('of constant and all-missing columns gives a result', async () => {
    const bare = ordinary.map(([, , label]) => [3, null, label!]);
    const result = await run(bare, bare, bare);
    expect(scoreOf(result, 'boosted_trees_roc_auc', 'synthetic', 'label')).toBe(0.5);
    expect(reasonOf(result, 'predictive_ratio')).toContain('Not even real rows predict "label"');
    expect(reasonOf(await run(bare, bare, bare, 'y'), 'predictive_ratio')).toContain('"y" has no value');
  });

  it('without held-out rows tests on a part of the real ones, and says that this flatters', async () => {
    const many = Array.from({ length: 300 }, (_, i): Cell[] => [i % 60, i % 7, i % 60 < 30 ? 'a' : 'b']);
    const result = await runEvaluator(utility, { real: table(many), synthetic: table(many), targetColumn: 'label' });
    expect(scoreOf(result, 'predictive_ratio')).toBeGreaterThan(0.9);
    expect(result.notes!.join(' ')).toContain('which flatters it');
  });
});
