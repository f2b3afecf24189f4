import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationResult, TableSource } from '../../src/core/plugin-api/index.js';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { type Cell, tableFromRows } from '../../src/core/plugin-api/testing/index.js';
import { privacy } from '../../src/plugins/privacy/index.js';
import { adultTable } from '../support/adult.js';
import { reasonOf, rowsOfSource, runEvaluator, scoreOf, sourceOf } from '../support/evaluate.js';
import { fidelityTables } from '../support/fidelity-tables.js';

interface People {
  readonly source: TableSource;
  readonly training: Cell[][];
  readonly holdout: Cell[][];
  /** Real rows that are in neither. */
  readonly fresh: Cell[][];
}

/** Seven tenths are learned from, one is held out, two are fresh. */
async function peopleOf(source: TableSource): Promise<People> {
  const rows = await rowsOfSource(source);
  const order = new RandomStream(11, 'test.people').shuffle(Uint32Array.from(rows.keys()));
  const cut = (from: number, to: number) =>
    Array.from(order.slice(rows.length * from, rows.length * to), (row) => rows[row]!);
  return { source, training: cut(0, 0.7), holdout: cut(0.7, 0.8), fresh: cut(0.8, 1) };
}

function evaluate({ source, training, holdout }: People, released: Cell[][], config = {}): Promise<EvaluationResult> {
  const table = (rows: Cell[][]) => sourceOf(source, rows);
  return runEvaluator(privacy, { real: table(training), synthetic: table(released), holdout: table(holdout), config });
}

/** Every number and date; a boolean is 0 or 1. */
function movedByAMillionth({ source }: People, rows: Cell[][]): Cell[][] {
  const moves = source.schema.columns.map(({ kind }) => kind !== 'boolean');
  return rows.map((row) => row.map((cell, c) => (typeof cell === 'number' && moves[c] ? cell * (1 + 1e-6) : cell)));
}

function shuffled(rows: Cell[][]): Cell[][] {
  const order = new RandomStream(12, 'test.shuffle').shuffle(Uint32Array.from(rows.keys()));
  return Array.from(order, (row) => rows[row]!);
}

// clinic has dates, booleans, missing values and keys; sensors has correlated numbers and a constant column.
describe.each(['adult', 'clinic', 'sensors'] as const)('a release of %s', (name) => {
  let people: People;
  beforeAll(async () => {
    people = await peopleOf(name === 'adult' ? adultTable(6000) : fidelityTables(name).real);
  });

  async function expectWorst(released: Cell[][]): Promise<void> {
    const result = await evaluate(people, released);
    expect(scoreOf(result, 'proven_risk')).toBe(1);
    expect(scoreOf(result, 'copied_share')).toBeGreaterThan(0.9);
    expect(scoreOf(result, 'closer_to_training')).toBeGreaterThan(0.9);
    expect(scoreOf(result, 'membership_auc')).toBeGreaterThan(0.95);
    expect(scoreOf(result, 'membership_hits')).toBeGreaterThan(0.9);
  }

  it('that copies the training rows is as bad as can be', () => expectWorst(people.training));

  it('that copies them in another order is no better', () => expectWorst(shuffled(people.training)));

  it('that moves each number by a millionth is no better', () =>
    expectWorst(movedByAMillionth(people, people.training)));

  it('that copies them but for one column is nearly as bad', async () => {
    const last = people.training[0]!.length - 1;
    const others = shuffled(people.training);
    const altered = people.training.map((row, i) => [...row.slice(0, last), others[i]![last]!]);
    expect(scoreOf(await evaluate(people, altered), 'proven_risk')).toBeGreaterThan(0.7);
  });

  it('that hides a tenth of copies among fresh rows is found out', async () => {
    const copies = people.training.slice(0, Math.round(people.fresh.length / 9));
    for (const hidden of [copies, movedByAMillionth(people, copies)]) {
      const result = await evaluate(people, shuffled([...people.fresh, ...hidden]));
      expect(scoreOf(result, 'proven_risk')).toBe(1);
      expect(scoreOf(result, 'copied_share')).toBeGreaterThan(0.05);
      expect(scoreOf(result, 'copied_share')).toBeLessThan(0.2);
    }
  });

  // Bounds of four standard errors at these sizes: one false alarm in thousands of seeds, and the seed is fixed.
  it('of fresh real rows is good', async () => {
    const result = await evaluate(people, people.fresh);
    expect(scoreOf(result, 'proven_risk')).toBeLessThan(0.2);
    expect(scoreOf(result, 'copied_share')).toBeLessThan(0.1);
    const outside = people.holdout.length;
    expect(Math.abs(scoreOf(result, 'closer_to_training')! - 0.5)).toBeLessThan(0.15);
    expect(Math.abs(scoreOf(result, 'membership_auc')! - 0.5)).toBeLessThan(4 / Math.sqrt(12 * outside) + 0.02);
    const noise = 4 * Math.sqrt(0.5 / Math.min(500, outside));
    for (const id of ['linkability_risk', 'inference_risk']) expect(scoreOf(result, id)).toBeLessThan(noise);
  });
});

function expectNumbersOrReasons({ metrics }: EvaluationResult): void {
  expect(metrics.length).toBeGreaterThan(20);
  for (const { metric, value, reason } of metrics) {
    if (value === null) expect(reason, metric).toBeTruthy();
    else expect(value >= 0 && value <= 1, `${metric} ${value}`).toBe(true);
  }
  expect(JSON.stringify(metrics)).not.toContain('NaN');
}

describe('an odd table', () => {
  const adult = adultTable(400);
  const config = { attacks: 50, distance_rows: 100 };

  it.each([1, 2, 3])('of %i rows gives a result', async (count) => {
    const rows = (await rowsOfSource(adult)).slice(0, 3 * count);
    const part = (i: number) => sourceOf(adult, rows.slice(i * count, (i + 1) * count));
    expectNumbersOrReasons(
      await runEvaluator(privacy, { real: part(0), synthetic: part(1), holdout: part(2), config }),
    );
  });

  it('without synthetic rows says so', async () => {
    const result = await runEvaluator(privacy, { real: adult, synthetic: sourceOf(adult, []), holdout: adult, config });
    expectNumbersOrReasons(result);
    expect(reasonOf(result, 'copied_share')).toContain('no rows');
  });

  it('of constant and all-missing columns, with categories never seen, gives a result', async () => {
    const rows = (await rowsOfSource(adult)).map((row) => [7, ' Private', null, ...row.slice(3)]);
    const strange = rows.map((row) => [8, ' Unseen', 5, ...row.slice(3)]);
    const real = sourceOf(adult, rows);
    const result = await runEvaluator(privacy, { real, synthetic: sourceOf(adult, strange), holdout: real, config });
    expectNumbersOrReasons(result);
    expect(scoreOf(result, 'dcr_training_median')).toBeCloseTo((1 / 7 + 2) / 15, 10);
  });

  it('without held-out rows has distances, and a reason for every attack', async () => {
    const result = await runEvaluator(privacy, { real: adult, synthetic: adult, config });
    expectNumbersOrReasons(result);
    expect(scoreOf(result, 'dcr_training_median')).toBe(0);
    for (const id of ['proven_risk', 'copied_share', 'membership_auc', 'linkability_risk']) {
      expect(reasonOf(result, id)).toContain('held-out rows');
    }
    expect(result.notes!.join(' ')).toContain('no attack has a control');
  });

  it('attacks the sensitive columns that are named, and names those it cannot', async () => {
    const result = await runEvaluator(privacy, {
      real: adult,
      synthetic: adult,
      holdout: adult,
      sensitiveColumns: ['race', 'no such column'],
      config,
    });
    const attacked = result.metrics.filter((m) => m.metric === 'column_inference_risk' && m.subject === 'synthetic');
    expect(attacked.map(({ columns }) => columns)).toEqual([['race']]);
    expect(result.notes!.join(' ')).toContain('"no such column" is no column that the attacks can read');
  });
});

describe('a release of common rows alone', () => {
  // Nine columns of few values, and only combinations that others have too: most rows equal a training row by chance.
  it('is not accused of copying, though most of its rows equal training rows', async () => {
    const whole = adultTable(12_000);
    const kept = [...whole.schema.columns.keys()].filter((c) => whole.schema.columns[c]!.kind === 'categorical');
    const rows = (await rowsOfSource(whole)).map((row) => kept.map((c) => row[c]!));
    const columns = kept.map((c) => whole.schema.columns[c]!);
    const people = await peopleOf(tableFromRows(columns, rows));
    const counts = new Map<string, number>();
    for (const row of people.fresh) counts.set(row.join(), (counts.get(row.join()) ?? 0) + 1);
    const result = await evaluate(
      people,
      people.fresh.filter((row) => counts.get(row.join())! >= 3),
    );
    expect(scoreOf(result, 'identical_matches')).toBeGreaterThan(0.8);
    expect(scoreOf(result, 'proven_risk')).toBeLessThan(0.1);
    expect(scoreOf(result, 'copied_share')).toBeLessThan(0.1);
  });
});
