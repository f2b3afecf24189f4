import type { Chart, ColumnKind } from '../../../../core/plugin-api/index.js';
import { countEdgesUpTo, equalWidthEdges } from '../binning.js';
import type { AbsentSide, ColumnComparison, ColumnSide } from '../column-comparison.js';
import { byScore, shapeOf } from './worst-tables.js';

const HISTOGRAM_BINS = 20;
const LABELS_SHOWN = 15;
const SERIES = [
  ['Synthetic', 'synthetic'],
  ['Held-out', 'holdout'],
] as const;

/** Shares of the real, synthetic and held-out rows side by side, for the columns with the lowest shape scores. */
export function marginalCharts(columns: readonly ColumnComparison[], limit: number): Chart[] {
  const worst = columns.map((column, index) => ({ column, index }));
  worst.sort((a, b) => byScore(shapeOf(a.column, 'synthetic'), shapeOf(b.column, 'synthetic')));
  return worst.slice(0, limit).map(({ column, index }) => marginalChart(column, index));
}

function marginalChart(column: ColumnComparison, index: number): Chart {
  const sides: [string, ColumnSide][] = [['Real', column.real]];
  for (const [name, subject] of SERIES) {
    const side = column.subjects.get(subject);
    if (isPresent(side)) sides.push([name, side]);
  }
  const axis = column.role === 'number' ? numberAxis(column.kind, sides) : labelAxis(column);
  const missing = sides.some(([, side]) => side.missingCount > 0);
  const shape = shapeOf(column, 'synthetic');
  return {
    type: 'bars',
    id: `marginal-${index}`,
    title: column.name,
    description: `Share of rows in each ${column.role === 'number' ? 'interval' : 'category'} of ${column.name}; column shape ${shape === null ? 'not computed' : shape.toFixed(3)}.`,
    categories: missing ? [...axis.categories, 'missing'] : axis.categories,
    series: sides.map(([name, side]) => ({ name, values: sharesOf(side, axis, missing) })),
  };
}

function isPresent(side: ColumnSide | AbsentSide | undefined): side is ColumnSide {
  return side !== undefined && side.role !== 'absent' && side.rowCount > 0;
}

interface Axis {
  readonly categories: readonly string[];
  /** Position of a row's value; missing ones are not asked for. */
  position(side: ColumnSide, row: number): number;
}

function sharesOf(side: ColumnSide, axis: Axis, missing: boolean): number[] {
  const counts = Array.from({ length: axis.categories.length + (missing ? 1 : 0) }, () => 0);
  for (let row = 0; row < side.rowCount; row++) {
    const isMissing = side.codes[row] === 0;
    counts[isMissing ? axis.categories.length : axis.position(side, row)]!++;
  }
  return counts.map((count) => (side.rowCount === 0 ? 0 : count / side.rowCount));
}

function numberAxis(kind: ColumnKind, sides: readonly [string, ColumnSide][]): Axis {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const [, side] of sides) {
    for (const value of numbersOf(side)) {
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
  }
  const range = minimum <= maximum ? Float64Array.of(minimum, maximum) : new Float64Array();
  const edges = equalWidthEdges(range, HISTOGRAM_BINS);
  const inner = edges.subarray(1, HISTOGRAM_BINS);
  return {
    categories: Array.from({ length: HISTOGRAM_BINS }, (_, i) => formatEdge(edges[i]!, kind, edges[1]! - edges[0]!)),
    position: (side, row) => countEdgesUpTo(inner, numbersOf(side)[row]!),
  };
}

function numbersOf(side: ColumnSide): Float64Array {
  if (side.role !== 'number') throw new TypeError('A column of labels has no numbers');
  return side.values;
}

/** The lower edge of a bin, as short as the bin's width allows. */
function formatEdge(edge: number, kind: ColumnKind, width: number): string {
  if (kind === 'datetime') return formatTime(edge, width);
  const decimals = Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(width))));
  return Math.abs(edge) >= 1e15 ? edge.toExponential(3) : String(Number(edge.toFixed(decimals)));
}

const LAST_TIME = 8.64e15;

function formatTime(time: number, width: number): string {
  if (Math.abs(time) > LAST_TIME) return time.toExponential(3);
  const text = new Date(time).toISOString();
  return width >= 86_400_000 ? text.slice(0, text.indexOf('T')) : text.slice(0, -5).replace('T', ' ');
}

function labelAxis(column: ColumnComparison): Axis {
  const counts = new Int32Array(column.codeCount);
  for (const code of column.real.codes) counts[code]!++;
  const ranked = column.labels.map((_, index) => index + 1).toSorted((a, b) => counts[b]! - counts[a]!);
  const shown = ranked.length <= LABELS_SHOWN ? ranked : ranked.slice(0, LABELS_SHOWN - 1);
  const positions = new Int32Array(column.codeCount).fill(shown.length);
  shown.forEach((code, position) => (positions[code] = position));
  const names = shown.map((code) => column.labels[code - 1]!);
  return {
    categories: shown.length < ranked.length ? [...names, `${ranked.length - shown.length} others`] : names,
    position: (side, row) => positions[side.codes[row]!]!,
  };
}
