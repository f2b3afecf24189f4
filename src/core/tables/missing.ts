import { literals } from './sql.js';

/** Cells that count as missing when nothing but blanks stands around them. Case matters: `none` may be a value. */
export const MISSING_SPELLINGS = ['', 'NULL', 'NaN', 'NA', 'N/A', 'null', 'None', 'nan'] as const;

/** True for a cell (an SQL expression) that is one of the spellings, blanks around it or not. */
export function isMissingSql(expression: string): string {
  return `trim(${expression}) IN (${literals(MISSING_SPELLINGS)})`;
}
