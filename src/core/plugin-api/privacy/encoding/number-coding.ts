import type { ColumnSchema } from '../../tables.js';
import {
  concatCells,
  countByCell,
  joinPieces,
  mergeLight,
  sliceCells,
  splitEnds,
  subdivide,
  type Cells,
} from './cells.js';
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
  const isFound = queries.includes('range');
  if (isFound) cells = findRange(numbers, grid, cells, answers, bins, rowCount);
  else cells = subdivide(cells, [1], bins, true);
  const missing = values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
  const noisy = [...answers.ask('counts', [...countByCell(cells, numbers), missing])];
  const missingMass = noisy.pop()!;
  const kept = isFound ? withoutEmptyEnds(cells, noisy, answers.sigma('counts')) : { cells, counts: noisy };
  const hasMissing = schema.nullable && missingMass >= NOISE_QUANTILE * answers.sigma('counts');
  return {
    name: schema.name,
    kind: schema.kind,
    ...(schema.bounds && { bounds: schema.bounds }),
    masses: [...consistentCounts([...kept.counts, ...(hasMissing ? [missingMass] : [])], rowCount)],
    missing: hasMissing,
    values: { cells: kept.cells, grid },
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

/** Deviations of the noise above which a cell is probably not empty, where its neighbours are not. */
const LIKELY = 2;
/** Pieces that the first cut makes of a cell of doubling width: with more, each would drown in noise at the ends of a range. */
const FIRST_PIECES = 5;
/** Deviations of the noise above which a cell is part of the core of a range. */
const CORE = 2;
/** Deviations of the noise above which an end of a range is not empty; of several single numbers one passes sooner by chance. */
const END = 2;
const SINGLE_END = 3;
/** Whole numbers that begin below it are taken to begin at 1: counts and ranks do, with few rows there. */
const SMALL = 8;
/** Cells of doubling width that the end of a range is looked for in, beside those that are certainly not empty. */
const REACH = 3;

/** The cells of doubling width that are certainly not empty, and those near them that probably are not. */
function findMagnitudes(numbers: Float64Array, grid: NumberGrid, answers: NoisyAnswers): Cells {
  const all = magnitudeCells(isWhole(grid));
  const noisy = answers.ask('magnitudes', countByCell(all, numbers));
  const sigma = answers.sigma('magnitudes');
  const fullest = noisy.indexOf(Math.max(...noisy));
  const sure = [...noisy.keys()].filter((i) => noisy[i]! >= NOISE_QUANTILE * sigma || i === fullest);
  const isNear = (i: number): boolean => sure.some((j) => Math.abs(i - j) <= REACH);
  const kept = [...noisy.keys()].filter((i) => sure.includes(i) || (noisy[i]! >= LIKELY * sigma && isNear(i)));
  return { starts: kept.map((i) => all.starts[i]!), ends: kept.map((i) => all.ends[i]!) };
}

/**
 * Cuts the core of the range into cells of about equal mass. Of what lies beyond it, where small cells drown in noise, the rest
 * of each cell given becomes one, whose count will tell whether the range goes on: few rows decide where it ends.
 */
function findRange(
  numbers: Float64Array,
  grid: NumberGrid,
  cells: Cells,
  answers: NoisyAnswers,
  bins: number,
  rowCount: number,
): Cells {
  const whole = isWhole(grid);
  const evenly = cells.starts.map(() => 1);
  const pieces = cells.starts.length === 1 ? bins : FIRST_PIECES * cells.starts.length;
  const even = subdivide(cells, evenly, Math.min(bins, pieces), whole);
  const noisy = answers.ask('range', countByCell(even, numbers));
  const { core, counts, before, after } = splitEnds(even, noisy, CORE * answers.sigma('range'));
  const [below, above] = [joinPieces(before, cells), joinPieces(after, cells)];
  const masses = consistentCounts(counts, rowCount);
  const merged = mergeLight(core, masses, rowCount / bins);
  const cut = subdivide(merged.cells, merged.masses, bins, whole);
  return fromOne(concatCells(below, whole ? separateFew(cut, bins) : cut, above), grid);
}

/** Few whole numbers are a cell each. */
function separateFew(cells: Cells, bins: number): Cells {
  const widths = cells.starts.map((start, i) => cells.ends[i]! - start);
  const values = widths.reduce((sum, width) => sum + width, 0);
  return values <= bins ? subdivide(cells, widths, values, true) : cells;
}

/** Makes a range of counts or ranks begin at 1. */
function fromOne(cells: Cells, grid: NumberGrid): Cells {
  const first = cells.starts[0]!;
  if (!('places' in grid && grid.places === 0) || first <= 1 || first > SMALL) return cells;
  return concatCells({ starts: [1], ends: [first] }, cells);
}

/** Leaves out the ends that are probably empty. */
function withoutEmptyEnds(cells: Cells, counts: readonly number[], sigma: number): { cells: Cells; counts: number[] } {
  const isKept = (count: number, i: number): boolean => {
    if (cells.starts[i] === 1) return count >= 0;
    const isSingle = cells.starts[i]! + 1 === cells.ends[i];
    return count >= sigma * (isSingle ? SINGLE_END : END);
  };
  const first = Math.max(0, counts.findIndex(isKept));
  const end = Math.max(first, counts.findLastIndex(isKept)) + 1;
  return { cells: sliceCells(cells, first, end), counts: counts.slice(first, end) };
}
