import type { ColumnKind } from '../../tables.js';
import type { Cells } from './cells.js';
import type { NumberGrid } from './number-grid.js';

/**
 * A column as a few codes, of whose making only mechanisms saw the rows: plain data, safe to keep with a model.
 * Codes 0, 1, … are categories or cells; where missing cells occur, the last code stands for them.
 */
export interface ColumnCoding {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Noisy numbers of rows by code: not negative; their sum is the noisy row count. */
  readonly masses: readonly number[];
  readonly missing: boolean;
  /** Declared: no value beyond them comes out. */
  readonly bounds?: readonly [number, number];
  readonly values: { readonly categories: readonly string[] } | { readonly cells: Cells; readonly grid: NumberGrid };
}

/** Stands for a value that has no code. */
export const NO_CODE = 0xffff;

export function missingCode({ masses, missing }: ColumnCoding): number {
  return missing ? masses.length - 1 : NO_CODE;
}
