import { COMMA_NUMBER, withDecimalPoint } from './decimal-comma.js';
import { dateFormatsOf } from './date-formats.js';
import type { ColumnStorage, DecimalComma } from './description.js';

const INTEGER = /^\s*[+-]?\d+\s*$/;
const LEADING_ZERO = /^\s*[+-]?0\d/;
const FIXED = /^-?(?:0|[1-9]\d*)\.(\d+)$/;
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const NUMBER_WITH_COMMA = new RegExp(`^${COMMA_NUMBER}$`);
const INFINITY = /^\s*[+-]?inf(?:inity)?\s*$/i;

/** Spellings of false and true that belong together. 0 and 1 stay integers. */
const BOOLEANS: readonly (readonly [string, string])[] = [
  ['false', 'true'],
  ['no', 'yes'],
  ['n', 'y'],
  ['f', 't'],
  ['off', 'on'],
];

/**
 * What the cells seen so far (none of them missing) can all be. Later cells can only make it more general.
 * @param decimalCommas whether numbers may be written with them.
 */
export function guessStorage(texts: readonly string[], decimalCommas: boolean): ColumnStorage {
  if (texts.length === 0) return { type: 'text' };
  const number = guessNumber(texts) ?? (decimalCommas ? guessNumberWithComma(texts) : null);
  return number ?? guessBoolean(texts) ?? guessDate(texts) ?? { type: 'text' };
}

function guessNumber(texts: readonly string[]): ColumnStorage | null {
  // 007 is a code: as a number it would lose its zeros.
  if (texts.some((text) => LEADING_ZERO.test(text) && INTEGER.test(text))) return null;
  if (texts.every((text) => INTEGER.test(text))) {
    const digits = Math.max(...texts.map(digitCount));
    return digits > 38 ? null : { type: 'integer', wide: texts.some((text) => !fitsBigint(text)) };
  }
  const places = texts.map((text) => FIXED.exec(text)?.[1]?.length);
  const first = places[0];
  if (first !== undefined && places.every((count) => count === first)) {
    const digits = Math.max(...texts.map(digitCount));
    if (digits <= 38) return { type: 'decimal', places: first, wide: digits > 18 };
  }
  const finite = texts.filter((text) => !INFINITY.test(text));
  return finite.length > 0 && finite.every((text) => NUMBER.test(text)) ? { type: 'double' } : null;
}

function guessNumberWithComma(texts: readonly string[]): ColumnStorage | null {
  const finite = texts.filter((text) => !INFINITY.test(text));
  if (!finite.some((text) => text.includes(',')) || !finite.every((text) => NUMBER_WITH_COMMA.test(text))) return null;
  const storage = guessNumber(texts.map(withDecimalPoint));
  if (storage === null) return null;
  const comma: DecimalComma = finite.some((text) => text.includes('.')) ? 'grouped' : 'plain';
  // 1234,50 beside 1.234,50: the cells are spelled in more than one way.
  const uneven = comma === 'grouped' && finite.some((text) => /\d{4}/.test(text.split(',', 1)[0]!));
  return storage.type === 'decimal' && !uneven ? { ...storage, comma } : { type: 'double', comma };
}

function digitCount(text: string): number {
  return text.replace(/\D/g, '').length;
}

function fitsBigint(text: string): boolean {
  if (digitCount(text) < 19) return true;
  const value = BigInt(text.trim().replace('+', ''));
  return value === BigInt.asIntN(64, value);
}

function guessBoolean(texts: readonly string[]): ColumnStorage | null {
  const distinct = [...new Set(texts)];
  if (distinct.length > 2) return null;
  for (const pair of BOOLEANS) {
    const spelled = pair.map((word) => distinct.find((text) => text.toLowerCase() === word));
    const known = spelled.filter((text) => text !== undefined);
    if (known.length !== distinct.length) continue;
    // A column of nothing but "no" may become anything; only true and false say by themselves what they are.
    if (known.length === 1 && pair[0] !== 'false') return null;
    const [no, yes] = [spelled[0] ?? likeCase(pair[0], known[0]!), spelled[1] ?? likeCase(pair[1], known[0]!)];
    return { type: 'boolean', spelling: [no, yes] };
  }
  return null;
}

function likeCase(word: string, model: string): string {
  if (model === model.toUpperCase()) return word.toUpperCase();
  return model[0] === model[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word;
}

function guessDate(texts: readonly string[]): ColumnStorage | null {
  const best = dateFormatsOf(texts)[0];
  return best ? { type: best.hasTime ? 'timestamp' : 'date', format: best.format } : null;
}
