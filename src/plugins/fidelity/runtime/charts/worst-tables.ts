import type { Chart, MetricSubject } from '../../../../core/plugin-api/index.js';
import type { AbsentSide, ColumnComparison, ColumnSide } from '../column-comparison.js';
import type { PairScores } from '../pair-scores.js';

const ROWS_SHOWN = 20;

/** Lowest first, the ones without a score last; equal ones stay in the table's order. */
export function byScore(one: number | null, two: number | null): number {
  return (one ?? 2) - (two ?? 2);
}

export function shapeOf(column: ColumnComparison, subject: MetricSubject): number | null {
  const side = column.subjects.get(subject);
  return side === undefined || side.role === 'absent' ? null : side.shape.value;
}

export function trendOf(pair: PairScores, subject: MetricSubject): number | null {
  return pair.subjects.get(subject)?.trend.value ?? null;
}

export function worstColumnsTable(columns: readonly ColumnComparison[]): Chart {
  const worst = columns.toSorted((a, b) => byScore(shapeOf(a, 'synthetic'), shapeOf(b, 'synthetic')));
  return {
    type: 'table',
    id: 'worst-columns',
    title: 'Columns, worst first',
    description: `The ${Math.min(ROWS_SHOWN, worst.length)} columns whose distributions are least like the real ones.`,
    columns: ['Column', 'Kind', 'Shape', 'Shape of held-out rows', 'Missing in real rows', 'Missing in synthetic rows'],
    rows: worst
      .slice(0, ROWS_SHOWN)
      .map((column) => [
        column.name,
        column.kind,
        shapeOf(column, 'synthetic'),
        shapeOf(column, 'holdout'),
        missingShare(column.real),
        missingShare(column.subjects.get('synthetic')!),
      ]),
  };
}

function missingShare(side: ColumnSide | AbsentSide): number | null {
  return side.role === 'absent' || side.rowCount === 0 ? null : side.missingCount / side.rowCount;
}

export function worstPairsTable(pairs: readonly PairScores[]): Chart {
  const worst = pairs.toSorted((a, b) => byScore(trendOf(a, 'synthetic'), trendOf(b, 'synthetic')));
  return {
    type: 'table',
    id: 'worst-pairs',
    title: 'Pairs of columns, worst first',
    description: `The ${Math.min(ROWS_SHOWN, worst.length)} pairs of columns whose relation is kept least, with the controls.`,
    columns: [
      'First column',
      'Second column',
      'Trend',
      'Trend of independent columns',
      'Trend of held-out rows',
      'Strongly related',
    ],
    rows: worst
      .slice(0, ROWS_SHOWN)
      .map((pair) => [
        pair.columns[0].name,
        pair.columns[1].name,
        trendOf(pair, 'synthetic'),
        trendOf(pair, 'independent'),
        trendOf(pair, 'holdout'),
        pair.strong ? 'yes' : 'no',
      ]),
  };
}
