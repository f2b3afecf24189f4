import type { SpaceRows } from '../distance/row-space.js';

/** A condition on one column, by its position among the discrete (codes) or numeric ones (numbers). */
export type Condition =
  | { readonly on: 'code'; readonly column: number; readonly code: number }
  | { readonly on: 'number'; readonly column: number; readonly test: NumberTest; readonly value: number };

export type NumberTest = 'equal' | 'at most' | 'at least' | 'missing';

/** Conditions that a row must all meet. */
export type Query = readonly Condition[];

/** How many rows meet the query; counting ends at the limit. */
export function countMatches(query: Query, rows: SpaceRows, limit = Number.POSITIVE_INFINITY): number {
  if (rows.rowCount === 0) return 0;
  const tests = query.map((condition) => rowTest(condition, rows));
  const [first, ...others] = tests;
  let found = 0;
  for (let row = 0; row < rows.rowCount && found < limit; row++) {
    if (first!(row) && others.every((test) => test(row))) found++;
  }
  return found;
}

function rowTest(condition: Condition, { rowCount, codes, numbers }: SpaceRows): (row: number) => boolean {
  const { column } = condition;
  if (condition.on === 'code') {
    const stride = codes.length / rowCount;
    const { code } = condition;
    return (row) => codes[row * stride + column] === code;
  }
  const stride = numbers.length / rowCount;
  const { test, value } = condition;
  if (test === 'missing') return (row) => Number.isNaN(numbers[row * stride + column]!);
  if (test === 'equal') return (row) => numbers[row * stride + column] === value;
  if (test === 'at most') return (row) => numbers[row * stride + column]! <= value;
  return (row) => numbers[row * stride + column]! >= value;
}

export function singlesOut(query: Query, rows: SpaceRows): boolean {
  return countMatches(query, rows, 2) === 1;
}
