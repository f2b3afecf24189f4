import {
  fitColumnMarginal,
  type Column,
  type ColumnMarginal,
  type ColumnProfile,
  type ColumnSchema,
  type MarginalOptions,
  QuantilePiecesBuilder,
  NO_PIECES,
} from '../../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../../config.js';
import { cutIntoTokens } from './cut-tokens.js';
import { partsOfTime } from './datetime-parts.js';
import { createField, type Field, type FieldPart } from './field.js';
import type { ObservedColumn, ObservedTable } from './observe-table.js';

/** Pieces of the quantile function in one stretch: where numbers lie within it is kept so finely. */
export const PIECES_PER_STRETCH = 4;
/** A column of not many more distinct values than stretches has a token for each. */
const FEW_DISTINCT = 1.3;
const FEWEST_BINS = 4;
/** Stretches grow as the square root of the rows: 100 of them at 1,100 rows, and on wide tables at 32,000. */
const BINS_PER_ROOT_OF_ROWS = 3;
const WIDE_BINS_PER_ROOT_OF_ROWS = 0.56;
/** Stretches of all columns of a table that is not wide. */
const MOST_STRETCHES = 2 ** 12;

/** The fields of one column: one, or up to three for a moment in time. */
export function fitFields(
  schema: ColumnSchema,
  column: number,
  table: ObservedTable,
  profile: ColumnProfile | undefined,
  config: AutoregressiveConfig,
): Field[] {
  const observed = table.columns[column]!;
  const bins = binsFor(table, config);
  if (observed.counts !== null) return [categoryField(schema, column, observed, table.rowCount, bins, config)];
  const options = { config, bins, column, hasMissing: observed.missing > 0 };
  const { values } = observed.sample as Extract<Column, { values: unknown }>;
  if (schema.kind === 'datetime') {
    const parts = partsOfTime(values);
    if (parts !== null) {
      return parts.map(({ part, kind, values: numbers }, p) => {
        return numberField({ ...without(schema), kind }, part, numbers, undefined, {
          ...options,
          hasMissing: options.hasMissing && p === 0,
        });
      });
    }
  }
  return [numberField(schema, 'value', values, profile, options)];
}

/** A part of a moment has other bounds than the moment itself. */
function without({ name, nullable }: ColumnSchema): Omit<ColumnSchema, 'kind'> {
  return { name, nullable };
}

interface NumberOptions {
  readonly config: AutoregressiveConfig;
  /** Most stretches. */
  readonly bins: number;
  readonly column: number;
  readonly hasMissing: boolean;
}

function numberField(
  schema: ColumnSchema,
  part: FieldPart,
  values: Float64Array,
  profile: ColumnProfile | undefined,
  { config, bins, column, hasMissing }: NumberOptions,
): Field {
  const hasFew = countDistinct(values, FEW_DISTINCT * bins) <= FEW_DISTINCT * bins;
  const marginal = fitColumnMarginal(schema, { values }, profile, {
    ...marginalOptions(config),
    bins: hasFew ? Math.max(values.length, 2) : PIECES_PER_STRETCH * bins,
  });
  const standsAlone = (_: number, mass: number) => hasFew || mass >= 1 / (2 * bins);
  const cuts = cutIntoTokens(marginal.pieces, { fullAt: 1 / bins, standsAlone });
  return createField({ column, part }, marginal, cuts, { hasMissing, hasRare: false });
}

function categoryField(
  schema: ColumnSchema,
  column: number,
  { counts, dictionary, missing }: ObservedColumn,
  rowCount: number,
  bins: number,
  config: AutoregressiveConfig,
): Field {
  const present = [...counts!.keys()].filter((code) => counts![code]! > 0);
  const frequent = present.filter((code) => counts![code]! >= config.rare_category_rows);
  // Where every category is rare there is nothing else to give.
  const kept = (frequent.length > 0 ? frequent : present).toSorted((a, b) => counts![b]! - counts![a]! || a - b);
  const builder = new QuantilePiecesBuilder();
  kept.forEach((code, position) => builder.add(counts![code]!, position, position));
  const marginal: ColumnMarginal = {
    name: schema.name,
    kind: schema.kind,
    missingFraction: missing / rowCount,
    family: 'empirical',
    pieces: kept.length > 0 ? builder.build() : NO_PIECES,
    categories: kept.map((code) => dictionary[code]!),
    granularity: { unit: 1 },
    minimum: 0,
    maximum: kept.length - 1,
  };
  const standsAlone = (j: number) => j < config.category_tokens;
  const cuts = cutIntoTokens(marginal.pieces, { fullAt: 1 / bins, standsAlone });
  return createField({ column, part: 'value' }, marginal, cuts, {
    hasMissing: missing > 0,
    hasRare: kept.length < present.length,
  });
}

export function marginalOptions(config: AutoregressiveConfig): Omit<MarginalOptions, 'bins'> {
  return {
    families: ['empirical'],
    smallestGroup: config.smallest_group,
    rareCategoryRows: config.rare_category_rows,
  };
}

/** Stretches that so many rows can tell apart, and the network afford. */
export function binsFor({ rowCount, columns }: ObservedTable, { bins }: AutoregressiveConfig): number {
  const root = Math.sqrt(rowCount);
  const affordable = Math.min(BINS_PER_ROOT_OF_ROWS * root, MOST_STRETCHES / columns.length);
  const wanted = Math.round(Math.max(affordable, WIDE_BINS_PER_ROOT_OF_ROWS * root));
  return Math.min(bins, Math.max(FEWEST_BINS, wanted));
}

/** Distinct finite values, counted until they are more than `enough`. */
function countDistinct(values: Float64Array, enough: number): number {
  const seen = new Set<number>();
  for (const value of values) {
    if (Number.isFinite(value)) seen.add(value);
    if (seen.size > enough) break;
  }
  return seen.size;
}
