import type { ColumnCoding } from '../../../core/plugin-api/index.js';

/** What the networks need to know of a column. */
export interface ColumnShape {
  readonly codes: number;
  /** So many of the first codes are cells of a number line, in order; 0 for categories. */
  readonly ordered: number;
}

export function shapeOf({ masses, missing, values }: ColumnCoding): ColumnShape {
  const codes = masses.length;
  return { codes, ordered: 'cells' in values ? codes - (missing ? 1 : 0) : 0 };
}
