import {
  type ColumnMarginal,
  fitColumnMarginal,
  type QuantilePieces,
  QuantilePiecesBuilder,
} from '../../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../../config.js';
import { cutIntoTokens } from './cut-tokens.js';
import { partOf } from './field-encoder.js';
import { createField, type Field, stretchCount } from './field.js';
import { binsFor, marginalOptions, PIECES_PER_STRETCH } from './fit-fields.js';
import type { ObservedColumn, ObservedTable } from './observe-table.js';

/** A field that has learned to tell more apart, and where its old tokens are now. */
export interface GrownField {
  readonly field: Field;
  /** By old token: the new one. */
  readonly places: Int32Array;
}

/** Stretches to be put beside a field's own, and the share of the rows that lie in them. */
interface Addition {
  readonly marginal: ColumnMarginal;
  readonly cuts: Float64Array;
  readonly share: number;
}

interface Additions {
  readonly below: Addition | null;
  readonly above: Addition | null;
}

/**
 * The fields of a model that is to learn other rows of the same columns. What it knows keeps its tokens; these are added: a
 * token for each category that is new and not rare, stretches for numbers below and above all that it knew (of as many rows
 * as an own stretch would need), and tokens for missing cells and rare categories where there were none.
 */
export function growFields(
  fields: readonly Field[],
  observed: ObservedTable,
  config: AutoregressiveConfig,
): readonly GrownField[] {
  return fields.map((field) => {
    const column = observed.columns[field.column]!;
    return column.counts === null
      ? growNumbers(field, column, binsFor(observed, config), config)
      : growCategories(field, column, observed.rowCount, config);
  });
}

function growCategories(
  field: Field,
  { counts, dictionary, missing }: ObservedColumn,
  rowCount: number,
  { rare_category_rows: fewest }: AutoregressiveConfig,
): GrownField {
  const { marginal } = field;
  const known = new Set(marginal.categories!);
  const unknown = [...counts!.keys()].filter((code) => counts![code]! > 0 && !known.has(dictionary[code]!));
  const added = unknown
    .filter((code) => counts![code]! >= fewest)
    .toSorted((a, b) => counts![b]! - counts![a]! || a - b);
  const hasRare = added.length < unknown.length;
  const builder = new QuantilePiecesBuilder();
  added.forEach((code, i) => builder.add(counts![code]!, known.size + i, known.size + i));
  const mass = added.reduce((sum, code) => sum + counts![code]!, 0);
  const pieces = builder.build();
  const above = { marginal: { ...marginal, pieces }, cuts: pieces.probabilities, share: mass / (rowCount - missing) };
  const additions = { below: null, above: added.length > 0 ? above : null };
  const grown = grow(field, additions, { hasMissing: missing > 0, hasRare });
  const categories = [...marginal.categories!, ...added.map((code) => dictionary[code]!)];
  const kept = { ...grown.field.marginal, categories, minimum: 0, maximum: categories.length - 1 };
  return { ...grown, field: { ...grown.field, marginal: kept } };
}

function growNumbers(
  field: Field,
  { sample, missing }: ObservedColumn,
  bins: number,
  config: AutoregressiveConfig,
): GrownField {
  const part = partOf(field.part);
  const values = (sample as { readonly values: Float64Array }).values.map(part).filter(Number.isFinite);
  const { starts, ends } = field.marginal.pieces;
  const [first, last] = [starts[0] ?? Infinity, ends.at(-1) ?? -Infinity];
  const beyond = (outside: Float64Array) => addition(field, outside, values.length, bins, config);
  const isEmpty = stretchCount(field) === 0;
  // Later parts of a moment have no token for missing cells: the first says so.
  const hasMissing = missing > 0 && (field.part === 'value' || field.part === 'day');
  const additions = {
    below: isEmpty ? null : beyond(values.filter((value) => value < first)),
    above: beyond(values.filter((value) => value > last)),
  };
  return grow(field, additions, { hasMissing, hasRare: false });
}

/** Stretches of numbers that were never seen; null where they are too few for one. */
function addition(
  { marginal: { name, kind } }: Field,
  values: Float64Array,
  of: number,
  bins: number,
  config: AutoregressiveConfig,
): Addition | null {
  const share = values.length / of;
  if (values.length < config.smallest_group || share < 1 / (2 * bins)) return null;
  const own = Math.max(1, Math.round(bins * share));
  const options = { ...marginalOptions(config), bins: Math.max(2, PIECES_PER_STRETCH * own) };
  const marginal = fitColumnMarginal({ name, kind, nullable: true }, { values }, undefined, options);
  const standsAlone = (_: number, mass: number) => mass >= 1 / (2 * own);
  return { marginal, cuts: cutIntoTokens(marginal.pieces, { fullAt: 1 / own, standsAlone }), share };
}

function grow(
  field: Field,
  { below, above }: Additions,
  { hasMissing, hasRare }: { readonly hasMissing: boolean; readonly hasRare: boolean },
): GrownField {
  const { marginal, cuts, missing, rare } = field;
  // What was never seen keeps a small share of what is drawn until training has said more.
  const rest = Math.max(0.01, 1 - (below?.share ?? 0) - (above?.share ?? 0));
  const own = stretchCount(field) === 0 ? [] : [{ marginal, cuts, share: rest }];
  const parts = [below, ...own, above].filter((part) => part !== null);
  const joined = createField(
    field,
    parts.length === 0 ? marginal : joinMarginals(marginal, parts),
    parts.length === 0 ? cuts : joinCuts(parts),
    { hasMissing: missing >= 0 || hasMissing, hasRare: rare >= 0 || hasRare },
  );
  const shift = below === null ? 0 : below.cuts.length - 1;
  const places = Int32Array.from({ length: field.size }, (_, token) => {
    if (token === missing) return joined.missing;
    return token === rare ? joined.rare : token + shift;
  });
  return { field: joined, places };
}

function joinCuts(parts: readonly Addition[]): Float64Array {
  return Float64Array.from(alongOneAxis(parts, ({ cuts }) => cuts));
}

function joinMarginals(own: ColumnMarginal, parts: readonly Addition[]): ColumnMarginal {
  const pieces: QuantilePieces = {
    probabilities: Float64Array.from(alongOneAxis(parts, ({ marginal }) => marginal.pieces.probabilities)),
    starts: Float64Array.from(parts.flatMap(({ marginal }) => [...marginal.pieces.starts])),
    ends: Float64Array.from(parts.flatMap(({ marginal }) => [...marginal.pieces.ends])),
  };
  const [first, last] = [parts[0]!.marginal, parts.at(-1)!.marginal];
  return { ...own, pieces, minimum: first.minimum, maximum: last.maximum };
}

/** Bounds of each part, from 0 to 1, one after the other and in proportion to the parts' shares. */
function alongOneAxis(parts: readonly Addition[], boundsOf: (part: Addition) => Float64Array): number[] {
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  const bounds = [0];
  let from = 0;
  for (const part of parts) {
    const width = part.share / total;
    const own = boundsOf(part);
    for (let i = 1; i < own.length; i++) bounds.push(i === own.length - 1 ? from + width : from + own[i]! * width);
    from += width;
  }
  bounds[bounds.length - 1] = 1;
  return bounds;
}
