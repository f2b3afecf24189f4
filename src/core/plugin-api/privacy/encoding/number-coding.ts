import type { ColumnSchema } from '../../tables.js';
import { countByCell, mergeLight, subdivide, trimEnds, type Cells } from './cells.js';
import type { ColumnCoding } from './column-coding.js';
import { magnitudeCells } from './magnitudes.js';
import { consistentCounts } from './noisy-counts.js';
import { candidateGrids, countByGrid, isWhole, toGrid, type NumberGrid } from './number-grid.js';
import { NOISE_QUANTILE, type NoisyAnswers, type QueryPurpose } from './query.js';

/** Part of the values that may lie off a grid that is taken all the same. */
const OFF_GRID_SHARE = 0.01;

/** The queries that {@link fitNumbers} will ask. */
export function numberQueries(schema: ColumnSchema, bins: number): QueryPurpose[] {
  const grids = candidateGrids(schema.kind);
  const range = rangeOf(schema);
  const queries: QueryPurpose[] = grids.length > 1 ? ['grid'] : [];
  if (!range) queries.push('magnitudes');
  if (!range || grids.length > 1 || range[1] - range[0] >= bins) queries.push('range');
  return [...queries, 'counts'];
}

/**
 * Cells of about equal mass with noisy counts, found in rounds: the grid that the values lie on, the range (declared, or by
 * counting magnitudes), a first cut of it, and the last one, each cut following the noisy masses of the one before.
 */
export function fitNumbers(
  schema: ColumnSchema,
  values: Float64Array,
  answers: NoisyAnswers,
  bins: number,
  rowCount: number,
): ColumnCoding {
  const queries = numberQueries(schema, bins);
  const grid = queries.includes('grid')
    ? chooseGrid(schema, values, answers, rowCount)
    : candidateGrids(schema.kind)[0]!;
  const numbers = values.map((value) => (Number.isFinite(value) ? toGrid(grid, value) : NaN));
  let cells = declaredCell(schema, grid) ?? findMagnitudes(numbers, grid, answers);
  if (queries.includes('range')) cells = findRange(numbers, grid, cells, answers, bins, rowCount);
  else cells = subdivide(cells, [1], bins, true);
  return {
    name: schema.name,
    kind: schema.kind,
    ...(schema.bounds && { bounds: schema.bounds }),
    ...countCells(values, numbers, cells, answers, rowCount, grid, schema.nullable),
  };
}

function rangeOf({ kind, bounds }: ColumnSchema): readonly [number, number] | undefined {
  return kind === 'boolean' ? [0, 1] : bounds;
}

/** The coarsest grid off which there are few values, or so few that noise hides them. */
function chooseGrid(schema: ColumnSchema, values: Float64Array, answers: NoisyAnswers, rowCount: number): NumberGrid {
  const grids = candidateGrids(schema.kind);
  const noisy = answers.ask('grid', countByGrid(grids, values));
  return grids.find((_, i) => {
    const finer = noisy.subarray(i + 1);
    const noise = NOISE_QUANTILE * answers.sigma('grid') * Math.sqrt(finer.length);
    return finer.reduce((sum, count) => sum + count, 0) <= Math.max(OFF_GRID_SHARE * rowCount, noise);
  })!;
}

function declaredCell(schema: ColumnSchema, grid: NumberGrid): Cells | undefined {
  const range = rangeOf(schema);
  if (!range) return undefined;
  const [low, high] = range.map((bound) => toGrid(grid, bound)) as [number, number];
  return { starts: [low], ends: [isWhole(grid) ? high + 1 : high] };
}

/** The cells of doubling width that are certainly not empty. */
function findMagnitudes(numbers: Float64Array, grid: NumberGrid, answers: NoisyAnswers): Cells {
  const all = magnitudeCells(isWhole(grid));
  const noisy = answers.ask('magnitudes', countByCell(all, numbers));
  const threshold = NOISE_QUANTILE * answers.sigma('magnitudes');
  const fullest = noisy.indexOf(Math.max(...noisy));
  const kept = [...noisy.keys()].filter((i) => noisy[i]! >= threshold || i === fullest);
  return { starts: kept.map((i) => all.starts[i]!), ends: kept.map((i) => all.ends[i]!) };
}

function findRange(
  numbers: Float64Array,
  grid: NumberGrid,
  cells: Cells,
  answers: NoisyAnswers,
  bins: number,
  rowCount: number,
): Cells {
  const whole = isWhole(grid);
  const even = subdivide(
    cells,
    cells.starts.map(() => 1),
    bins,
    whole,
  );
  const noisy = answers.ask('range', countByCell(even, numbers));
  const trimmed = trimEnds(even, noisy, NOISE_QUANTILE * answers.sigma('range'));
  const masses = consistentCounts(trimmed.counts, rowCount);
  const merged = mergeLight(trimmed.cells, masses, rowCount / bins);
  return subdivide(merged.cells, merged.masses, bins, whole);
}

function countCells(
  values: Float64Array,
  numbers: Float64Array,
  cells: Cells,
  answers: NoisyAnswers,
  rowCount: number,
  grid: NumberGrid,
  nullable: boolean,
): Pick<ColumnCoding, 'masses' | 'missing' | 'values'> {
  let missing = 0;
  for (const value of values) if (Number.isNaN(value)) missing++;
  const noisy = answers.ask('counts', [...countByCell(cells, numbers), missing]);
  const hasMissing = nullable && noisy.at(-1)! >= NOISE_QUANTILE * answers.sigma('counts');
  const masses = consistentCounts(hasMissing ? noisy : noisy.slice(0, -1), rowCount);
  return { masses: [...masses], missing: hasMissing, values: { cells, grid } };
}
