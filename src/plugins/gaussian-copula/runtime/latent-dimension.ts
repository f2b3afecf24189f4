import {
  firstPieceEndingAbove,
  isCoded,
  normalDensity,
  normalQuantile,
  type Column,
  type ColumnMarginal,
} from '../../../core/plugin-api/index.js';
import { hermiteCoefficients } from './hermite.js';

/** One normal variable of the copula: a column's value, or whether its cell is missing (then above its threshold). */
export interface LatentDimension {
  readonly column: number;
  readonly role: 'value' | 'missing';
}

/** A column has a variable for its value unless it is constant, and one for its missingness unless none or all are missing. */
export function latentDimensionsOf(marginals: readonly ColumnMarginal[]): LatentDimension[] {
  return marginals.flatMap((marginal, column) => {
    const { pieces, missingFraction } = marginal;
    return [
      ...(pieces.starts.length > 0 && !isConstant(marginal) ? [{ column, role: 'value' as const }] : []),
      ...(missingFraction > 0 && missingFraction < 1 ? [{ column, role: 'missing' as const }] : []),
    ];
  });
}

/** Whether all cells that aren't missing are the same. */
export function isConstant({ pieces: { starts, ends } }: ColumnMarginal): boolean {
  return starts.length === 1 && starts[0] === ends[0];
}

/** Above this score a cell is missing. */
export function missingThreshold(marginal: ColumnMarginal): number {
  return normalQuantile(1 - marginal.missingFraction);
}

export interface Scores {
  /** By row: the expected normal variable given the cell, 0 where it tells nothing. Zero on average. */
  readonly values: Float32Array;
  /** Rows whose cell tells something; null where all do. */
  readonly known: Uint8Array | null;
  readonly knownCount: number;
  /** How the score depends on the normal variable: Hermite coefficients of a unit-variance score, from the first. */
  readonly hermite: Float64Array;
}

/** The scores of one dimension over the chosen rows. */
export function scoresOf(
  dimension: LatentDimension,
  marginal: ColumnMarginal,
  column: Column,
  rows: Int32Array,
): Scores {
  return dimension.role === 'missing'
    ? missingScores(marginal, column, rows)
    : valueScores(marginal, isCoded(column) ? positionsOf(marginal, column, rows) : numbersOf(column.values, rows));
}

/** Positions of coded cells in the marginal's order of categories; NaN for missing ones and categories left out. */
function positionsOf(
  marginal: ColumnMarginal,
  column: Extract<Column, { codes: unknown }>,
  rows: Int32Array,
): Float64Array {
  const positions = new Map(marginal.categories!.map((category, position) => [category, position]));
  const byCode = Float64Array.from(column.dictionary, (category) => positions.get(category) ?? NaN);
  return Float64Array.from(rows, (row) => (column.codes[row]! < 0 ? NaN : byCode[column.codes[row]!]!));
}

function numbersOf(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}

function missingScores(marginal: ColumnMarginal, column: Column, rows: Int32Array): Scores {
  const threshold = missingThreshold(marginal);
  const cuts = Float64Array.of(-Infinity, threshold, Infinity);
  const density = normalDensity(threshold);
  const [present, missing] = [-density / (1 - marginal.missingFraction), density / marginal.missingFraction];
  const isMissing = isCoded(column)
    ? (row: number) => column.codes[row]! < 0
    : (row: number) => !Number.isFinite(column.values[row]!);
  const values = Float32Array.from(rows, (row) => (isMissing(row) ? missing : present));
  return {
    values,
    known: null,
    knownCount: rows.length,
    hermite: hermiteCoefficients(cuts, Float64Array.of(present, missing)),
  };
}

function valueScores({ pieces }: ColumnMarginal, cells: Float64Array): Scores {
  const { probabilities, starts, ends } = pieces;
  const cuts = probabilities.map((p) => normalQuantile(p));
  const means = starts.map((_, j) => {
    return (normalDensity(cuts[j]!) - normalDensity(cuts[j + 1]!)) / (probabilities[j + 1]! - probabilities[j]!);
  });
  const values = new Float32Array(cells.length);
  const known = new Uint8Array(cells.length);
  const outermost = 0.5 / cells.length;
  let unknown = 0;
  cells.forEach((cell, row) => {
    if (!Number.isFinite(cell)) {
      unknown++;
      return;
    }
    known[row] = 1;
    const piece = pieceOf(starts, ends, cell);
    const [start, end] = [starts[piece]!, ends[piece]!];
    if (start === end) {
      values[row] = means[piece]!;
      return;
    }
    const share = Math.min(1, Math.max(0, (cell - start) / (end - start)));
    const probability = probabilities[piece]! + share * (probabilities[piece + 1]! - probabilities[piece]!);
    values[row] = normalQuantile(Math.min(1 - outermost, Math.max(outermost, probability)));
  });
  const knownCount = cells.length - unknown;
  return { values, known: unknown > 0 ? known : null, knownCount, hermite: hermiteCoefficients(cuts, means) };
}

/** The piece that a value belongs to: an atom at the value before the stretches that end or start there. */
function pieceOf(starts: Float64Array, ends: Float64Array, value: number): number {
  const above = firstPieceEndingAbove(ends, value);
  for (let piece = above - 1; piece >= 0 && ends[piece] === value; piece--) {
    if (starts[piece] === value) return piece;
  }
  return Math.min(above, ends.length - 1);
}
