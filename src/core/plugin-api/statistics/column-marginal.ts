import { isCoded, type CodedColumn, type Column, type ColumnProfile, type ColumnSchema } from '../tables.js';
import { granularityOf, type Granularity } from './granularity.js';
import { chooseQuantiles, type MarginalFamily } from './choose-quantiles.js';
import { NO_PIECES, QuantilePiecesBuilder, type QuantilePieces } from './quantile-pieces.js';
import { smoothedQuantiles, type SmoothingOptions } from './smoothed-quantiles.js';

export interface MarginalOptions extends SmoothingOptions {
  /** Candidates for numeric and datetime columns; the one nearest to the rows by Kolmogorov and Smirnov's distance is taken. */
  readonly families: readonly MarginalFamily[];
  /** A category that fewer rows hold is never generated; where that would leave none, all are kept. */
  readonly rareCategoryRows: number;
}

/** The distribution of one column by itself: plain data, free of any value that one row alone holds. */
export interface ColumnMarginal {
  readonly name: string;
  readonly kind: ColumnSchema['kind'];
  /** Share of missing cells, 0 to 1. */
  readonly missingFraction: number;
  readonly family: MarginalFamily;
  /** Of values; of positions in `categories` where the column is coded. Empty when all cells are missing. */
  readonly pieces: QuantilePieces;
  /** Null for numeric columns. Their order is the order in which the quantile function passes them. */
  readonly categories: readonly string[] | null;
  readonly granularity: Granularity;
  /** Least and greatest value that may come out. */
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Fits the marginal of one column.
 * @param order the codes of a coded column's categories to keep, in their order; by default {@link keptCategories}.
 */
export function fitColumnMarginal(
  schema: ColumnSchema,
  column: Column,
  profile: ColumnProfile | undefined,
  options: MarginalOptions,
  order?: readonly number[],
): ColumnMarginal {
  return isCoded(column)
    ? fitCoded(schema, column, order ?? keptCategories(column, options.rareCategoryRows))
    : fitNumeric(schema, column.values, profile, options);
}

/** Codes of the categories that at least `rareRows` rows hold, most frequent first (ties by code); all that occur if none is. */
export function keptCategories(column: CodedColumn, rareRows: number): number[] {
  const counts = countCodes(column);
  const present = [...counts.keys()].filter((code) => counts[code]! > 0);
  const kept = present.filter((code) => counts[code]! >= rareRows);
  return (kept.length > 0 ? kept : present).toSorted((a, b) => counts[b]! - counts[a]! || a - b);
}

function countCodes({ codes, dictionary }: CodedColumn): Float64Array {
  const counts = new Float64Array(dictionary.length);
  for (const code of codes) if (code >= 0) counts[code]!++;
  return counts;
}

function fitCoded(schema: ColumnSchema, column: CodedColumn, order: readonly number[]): ColumnMarginal {
  const counts = countCodes(column);
  const present = counts.reduce((sum, count) => sum + count, 0);
  const builder = new QuantilePiecesBuilder();
  order.forEach((code, position) => builder.add(counts[code]!, position, position));
  return {
    name: schema.name,
    kind: schema.kind,
    missingFraction: 1 - present / column.codes.length,
    family: 'empirical',
    pieces: order.length > 0 ? builder.build() : NO_PIECES,
    categories: order.map((code) => column.dictionary[code]!),
    granularity: { unit: 1 },
    minimum: 0,
    maximum: order.length - 1,
  };
}

function fitNumeric(
  schema: ColumnSchema,
  values: Float64Array,
  profile: ColumnProfile | undefined,
  options: MarginalOptions,
): ColumnMarginal {
  const sorted = values.filter(Number.isFinite).toSorted();
  const granularity = granularityOf(schema.kind, sorted, profile?.decimalPlaces);
  const common = { name: schema.name, kind: schema.kind, missingFraction: 1 - sorted.length / values.length };
  const none = { family: 'empirical', pieces: NO_PIECES, minimum: NaN, maximum: NaN } as const;
  if (sorted.length === 0) return { ...common, ...none, categories: null, granularity };
  const [low, high] = schema.bounds ?? [-Infinity, Infinity];
  const clip = (x: number) => Math.min(high, Math.max(low, x));
  const quantiles =
    schema.kind === 'boolean'
      ? { family: 'empirical' as const, pieces: smoothedQuantiles(sorted, { smallestGroup: 1, bins: sorted.length }) }
      : chooseQuantiles(sorted, granularity, options);
  const range = { minimum: clip(sorted[0]!), maximum: clip(sorted[sorted.length - 1]!) };
  return { ...common, ...quantiles, ...range, categories: null, granularity };
}
