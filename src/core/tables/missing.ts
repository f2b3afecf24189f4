import { literal } from './sql.js';

/** Cells that count as missing when nothing but blanks stands around them. Case matters: `none` may be a value. */
export const MISSING_SPELLINGS = ['', 'NULL', 'NaN', 'NA', 'N/A', 'null', 'None', 'nan'] as const;

const PADDED = literal(`[\\s\\p{Zs}]*(${MISSING_SPELLINGS.join('|')})[\\s\\p{Zs}]*`);

/** True for a cell (an SQL expression) that is one of the spellings, blanks around it or not. */
export function isMissingSql(expression: string): string {
  return `regexp_full_match(${expression}, ${PADDED})`;
}
