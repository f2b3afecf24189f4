import type { DecimalComma } from './description.js';

/**
 * Numbers as they are written where the comma is the decimal mark: `3,14`, and with points between thousands `1.234,50`.
 * The pattern means the same to JavaScript and to DuckDB.
 */
export const COMMA_NUMBER =
  '\\s*[+-]?((([0-9]+|[1-9][0-9]{0,2}(\\.[0-9]{3})+)(,[0-9]+)?)|,[0-9]+)([eE][+-]?[0-9]+)?\\s*';
/** Where the comma is the one between thousands, this is a whole number. */
const PERHAPS_THOUSANDS = '\\s*[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+\\s*';

/** `1.234,5` to `1234.5`. */
export function withDecimalPoint(text: string): string {
  return text.replaceAll('.', '').replace(',', '.');
}

/** {@link withDecimalPoint} of an SQL expression. */
export function decimalPointSql(text: string): string {
  return `replace(replace(${text}, '.', ''), ',', '.')`;
}

/** The inverse, of a number that is spelled as DuckDB does. */
export function decimalCommaSql(number: string, comma: DecimalComma): string {
  if (comma === 'plain') return `replace(${number}, '.', ',')`;
  const whole = `split_part(${number}, '.', 1)`;
  // From the last digit on: RE2 cannot look ahead for how many follow.
  const pointed = `reverse(regexp_replace(reverse(${whole}), '([0-9]{3})', '\\1.', 'g'))`;
  const grouped = `regexp_replace(${pointed}, '^(-?)\\.', '\\1')`;
  return `CASE WHEN contains(${number}, '.') THEN ${grouped} || ',' || split_part(${number}, '.', 2) ELSE ${grouped} END`;
}

/** A cell that cannot be a whole number with commas between its thousands, as `1,234` can. */
export function provesDecimalCommaSql(text: string): string {
  return `contains(${text}, ',') AND NOT regexp_full_match(${text}, '${PERHAPS_THOUSANDS}')`;
}
