import { describe, expect, it } from 'vitest';
import { bestValues } from '../../src/core/evaluations/comparison/best-values.js';
import {
  type Comparand,
  compareReports,
  type EvaluationSetup,
} from '../../src/core/evaluations/comparison/compare-reports.js';
import type { ComparedValue } from '../../src/core/evaluations/comparison/index.js';
import { buildReport } from '../../src/core/evaluations/report/index.js';
import { aucInterval, type MetricDefinition, type MetricValue } from '../../src/core/plugin-api/index.js';
import { reportFacts } from '../support/report-facts.js';

const valueOf = (
  evaluationId: string,
  value: number | null,
  interval: readonly [number, number] | null = null,
): ComparedValue => ({ evaluationId, value, interval, reason: null, independent: null, holdout: null });
const HIGHER = { better: 'higher' } as const;
const LOWER = { better: 'lower' } as const;

describe('the best of several values', () => {
  it('is the greatest, or the least where lower is better', () => {
    const values = [valueOf('a', 0.5), valueOf('b', 0.7), valueOf('c', 0.6)];
    expect(bestValues(HIGHER, values)).toEqual(['b']);
    expect(bestValues(LOWER, values)).toEqual(['a']);
  });

  it('is shared by those whose intervals meet that of the best', () => {
    const values = [valueOf('a', 0.1, [0, 0.2]), valueOf('b', 0.3, [0.2, 0.4]), valueOf('c', 0.5, [0.4, 0.6])];
    expect(bestValues(LOWER, values)).toEqual(['a', 'b']);
    expect(bestValues(HIGHER, values)).toEqual(['b', 'c']);
  });

  it('is not shared on the strength of one interval alone, but by equals', () => {
    expect(bestValues(HIGHER, [valueOf('a', 0.7, [0.5, 0.9]), valueOf('b', 0.6)])).toEqual(['a']);
    expect(bestValues(HIGHER, [valueOf('a', 0.7), valueOf('b', 0.7)])).toEqual(['a', 'b']);
  });

  it('is of none where there are not two values to choose between', () => {
    expect(bestValues(HIGHER, [valueOf('a', 0.7), valueOf('b', null)])).toEqual([]);
  });
});

const METRIC: MetricDefinition = {
  id: 'shape',
  title: 'Shape',
  description: 'How alike the columns are.',
  scope: 'dataset',
  range: [0, 1],
  better: 'higher',
  headline: true,
};

function comparand(
  id: string,
  values: readonly MetricValue[],
  changes: { setup?: Partial<EvaluationSetup>; checksum?: string } = {},
): Comparand {
  const facts = reportFacts();
  const dataset = { ...facts.dataset, ...(changes.checksum !== undefined && { checksum: changes.checksum }) };
  const section = {
    id: 'fidelity',
    title: 'Fidelity',
    description: 'x',
    metrics: [METRIC],
    values,
    charts: [],
    notes: [],
  };
  return {
    report: buildReport({ ...facts, evaluationId: id, dataset }, [section]),
    setup: {
      evaluators: [{ id: 'fidelity', config: { bins: 10 } }],
      targetColumn: null,
      sensitiveColumns: [],
      ...changes.setup,
    },
    trainingSeconds: 12,
  };
}

const scored = (value: number): MetricValue[] => [{ metric: 'shape', subject: 'synthetic', value }];

describe('reports side by side', () => {
  it('name the best of each score, with what each run cost', () => {
    const { evaluations, evaluators } = compareReports([comparand('a', scored(0.8)), comparand('b', scored(0.9))]);
    expect(evaluators[0]!.scores[0]!.best).toEqual(['b']);
    expect(evaluations[0]).toMatchObject({
      id: 'a',
      privacySpent: { epsilon: 2.94, delta: 1e-5 },
      trainingSeconds: 12,
      generator: { type: 'dp-ctgan', seed: 42, rowCount: 20_000 },
    });
  });

  it.each([
    ['another table', { checksum: 'sha256:other' }, 'The evaluations are of different tables'],
    [
      'other settings',
      { setup: { evaluators: [{ id: 'fidelity', config: { bins: 20 } }] } },
      'The evaluator was configured differently',
    ],
    ['another target', { setup: { targetColumn: 'income' } }, 'The target columns differ'],
    ['other sensitive columns', { setup: { sensitiveColumns: ['race'] } }, 'The sensitive columns differ'],
  ])('call none the best where one is of %s', (_what, changes, reason) => {
    const [fidelity] = compareReports([comparand('a', scored(0.8)), comparand('b', scored(0.9), changes)]).evaluators;
    expect(fidelity).toMatchObject({ incomparable: reason });
    expect(fidelity!.scores[0]!.best).toEqual([]);
    expect(fidelity!.scores[0]!.values.map(({ value }) => value)).toEqual([0.8, 0.9]);
  });

  it('tell why one has no value, or was not evaluated so', () => {
    const missing: MetricValue[] = [{ metric: 'shape', subject: 'synthetic', value: null, reason: 'No rows' }];
    const [fidelity] = compareReports([comparand('a', missing), comparand('b', [])]).evaluators;
    expect(fidelity!.scores[0]!.values.map(({ reason }) => reason)).toEqual(['No rows', 'Not part of this evaluation']);
  });
});

describe('the interval of an AUC', () => {
  it('is that of Mann and Whitney where nothing tells the rows apart', () => {
    const [low, high] = aucInterval(0.5, 30, 50);
    expect((high - low) / 2 / 1.959963984540054).toBeCloseTo(Math.sqrt(81 / (12 * 30 * 50)), 12);
  });

  it('stays within 0 to 1 and narrows with the rows', () => {
    expect(aucInterval(1, 10, 10)).toEqual([1, 1]);
    const widths = [100, 400].map((rows) => aucInterval(0.6, rows, rows)).map(([low, high]) => high - low);
    expect(widths[1]! / widths[0]!).toBeCloseTo(0.5, 2);
  });
});
