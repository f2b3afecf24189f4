import type { Chart } from '../../../../core/plugin-api/index.js';
import type { ColumnComparison } from '../column-comparison.js';
import type { PairScores } from '../pair-scores.js';
import { byScore, trendOf } from './worst-tables.js';

const COLUMNS_SHOWN = 30;

type Matrix = (number | null)[][];

/** How strongly each two columns are related: in the real rows, in the synthetic ones, and the difference. */
export function associationCharts(columns: readonly ColumnComparison[], pairs: readonly PairScores[]): Chart[] {
  const shown = columnsShown(columns, pairs);
  if (shown.length < 2) return [];
  const real = matrixOf(shown, pairs, (pair) => pair.realAssociation.value, 1);
  const synthetic = matrixOf(shown, pairs, syntheticAssociation, 1);
  const difference = matrixOf(shown, pairs, associationGap, 0);
  const names = shown.map(({ name }) => name);
  const measure = "Correlation of two numbers, Cramér's V of all other pairs";
  const part = shown.length < columns.length ? `, for the ${shown.length} columns of the worst pairs` : '';
  const heatmap = (id: string, title: string, description: string, values: Matrix): Chart => {
    return {
      type: 'heatmap',
      id,
      title,
      description: `${description}${part}.`,
      rows: names,
      columns: names,
      values,
      range: [-1, 1],
    };
  };
  return [
    heatmap('associations-real', 'Relations in the real rows', measure, real),
    heatmap('associations-synthetic', 'Relations in the synthetic rows', measure, synthetic),
    heatmap(
      'associations-difference',
      'Difference of relations',
      `The synthetic relation less the real one; darker is worse. ${largestGap(names, difference)}`,
      difference,
    ),
  ];
}

function syntheticAssociation(pair: PairScores): number | null {
  return pair.subjects.get('synthetic')?.association.value ?? null;
}

function associationGap(pair: PairScores): number | null {
  const synthetic = syntheticAssociation(pair);
  const real = pair.realAssociation.value;
  return synthetic === null || real === null ? null : synthetic - real;
}

/** All columns of a narrow table; of a wide one those of the worst pairs, in the table's order. */
function columnsShown(columns: readonly ColumnComparison[], pairs: readonly PairScores[]): readonly ColumnComparison[] {
  if (columns.length <= COLUMNS_SHOWN) return columns;
  const worst = pairs.toSorted((a, b) => byScore(trendOf(a, 'synthetic'), trendOf(b, 'synthetic')));
  const chosen = new Set<ColumnComparison>();
  for (const pair of worst) {
    for (const column of pair.columns) if (chosen.size < COLUMNS_SHOWN) chosen.add(column);
  }
  return columns.filter((column) => chosen.has(column));
}

function matrixOf(
  columns: readonly ColumnComparison[],
  pairs: readonly PairScores[],
  value: (pair: PairScores) => number | null,
  diagonal: number,
): Matrix {
  const position = new Map(columns.map((column, index) => [column, index]));
  const matrix: Matrix = columns.map((_row, row) =>
    columns.map((_column, column) => (row === column ? diagonal : null)),
  );
  for (const pair of pairs) {
    const first = position.get(pair.columns[0]);
    const second = position.get(pair.columns[1]);
    if (first === undefined || second === undefined) continue;
    matrix[first]![second] = matrix[second]![first] = value(pair);
  }
  return matrix;
}

function largestGap(names: readonly string[], matrix: Matrix): string {
  let worst = { gap: 0, pair: '' };
  matrix.forEach((row, i) =>
    row.slice(0, i).forEach((value, j) => {
      if (value !== null && Math.abs(value) > Math.abs(worst.gap))
        worst = { gap: value, pair: `${names[j]} and ${names[i]}` };
    }),
  );
  return worst.pair === '' ? 'No relation differs' : `The largest is ${worst.gap.toFixed(3)}, of ${worst.pair}`;
}
