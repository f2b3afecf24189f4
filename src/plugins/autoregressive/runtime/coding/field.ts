import type { ColumnMarginal } from '../../../../core/plugin-api/index.js';

/** What a field tells of its column's cell: all of it, or one part of a moment in time. */
export type FieldPart = 'value' | 'day' | 'weekday' | 'time';

/**
 * What the network learns as one discrete variable. Its tokens are, in this order: stretches of the marginal's axis of
 * probabilities (a single value, a range of numbers, one category or a group of them), missing cells where there are any,
 * and rare categories, which are learned but never drawn.
 */
export interface Field {
  readonly column: number;
  readonly part: FieldPart;
  readonly marginal: ColumnMarginal;
  /** Bounds of the stretches, ascending from 0 to 1; a single 0 where no cell has a value. */
  readonly cuts: Float64Array;
  /** The token of missing cells; −1 where none is missing. */
  readonly missing: number;
  /** The token of rare categories; −1 where there are none. */
  readonly rare: number;
  /** Number of tokens, at least 1. */
  readonly size: number;
}

export function stretchCount({ cuts }: Pick<Field, 'cuts'>): number {
  return cuts.length - 1;
}

/** Gives the stretches of `cuts` their field, with the tokens that stand for no stretch. */
export function createField(
  place: Pick<Field, 'column' | 'part'>,
  marginal: ColumnMarginal,
  cuts: Float64Array,
  { hasMissing, hasRare }: { readonly hasMissing: boolean; readonly hasRare: boolean },
): Field {
  const stretches = cuts.length - 1;
  const missing = hasMissing ? stretches : -1;
  const rare = hasRare ? stretches + Number(hasMissing) : -1;
  const size = Math.max(1, stretches + Number(hasMissing) + Number(hasRare));
  return { ...place, marginal, cuts, missing, rare, size };
}
