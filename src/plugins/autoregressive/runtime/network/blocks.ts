import { sum } from './layout.js';

/**
 * Neighbouring fields that are computed together. Matrices that tell fields apart are zeros outside of the fields' own
 * places: of all fields at once they would cost as the square of their number.
 */
export interface Block {
  /** The first of its fields, and their number. */
  readonly field: number;
  readonly fields: number;
  /** Places of all fields before it, of its own, and of all after it. */
  readonly before: number;
  readonly own: number;
  readonly after: number;
}

const FIELDS_AT_ONCE = 16;

/** @param sizes places of each field: tokens, or features. */
export function blocksOf(sizes: readonly number[], fieldsAtOnce = FIELDS_AT_ONCE): readonly Block[] {
  const blocks: Block[] = [];
  const total = sum(sizes);
  let before = 0;
  for (let field = 0; field < sizes.length; field += fieldsAtOnce) {
    const part = sizes.slice(field, field + fieldsAtOnce);
    const own = sum(part);
    blocks.push({ field, fields: part.length, before, own, after: total - before - own });
    before += own;
  }
  return blocks;
}
