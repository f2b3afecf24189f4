import { type Layout, sum } from './layout.js';

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
export function blocksOf(sizes: readonly number[]): readonly Block[] {
  const lengths = Array.from({ length: Math.ceil(sizes.length / FIELDS_AT_ONCE) }, (_, b) =>
    Math.min(FIELDS_AT_ONCE, sizes.length - b * FIELDS_AT_ONCE),
  );
  return placed(sizes, lengths);
}

/** Of a field of so many tokens weights are looked up, and logits computed by themselves: zeros would cost more. */
const LONG_FIELD = 32;
const SHORT_FIELDS_AT_ONCE = 8;

/** Fields whose tokens are computed together: long ones each by itself, a few neighbouring short ones at once. */
export function tokenBlocks({ sizes }: Pick<Layout, 'sizes'>): readonly Block[] {
  const lengths: number[] = [];
  sizes.forEach((size, f) => {
    const follows = f > 0 && !isLongField(sizes[f - 1]!);
    const joins = follows && !isLongField(size) && lengths.at(-1)! < SHORT_FIELDS_AT_ONCE;
    if (joins) lengths[lengths.length - 1]!++;
    else lengths.push(1);
  });
  return placed(sizes, lengths);
}

/** @param size tokens of the field. */
export function isLongField(size: number): boolean {
  return size >= LONG_FIELD;
}

/** Whether a block of {@link tokenBlocks} is one long field. */
export function isLong({ fields, own }: Block): boolean {
  return fields === 1 && isLongField(own);
}

/** @param lengths fields of each block. */
function placed(sizes: readonly number[], lengths: readonly number[]): readonly Block[] {
  const total = sum(sizes);
  let [field, before] = [0, 0];
  return lengths.map((fields) => {
    const own = sum(sizes.slice(field, field + fields));
    const block = { field, fields, before, own, after: total - before - own };
    field += fields;
    before += own;
    return block;
  });
}
