import type { Field } from '../coding/field.js';

/** Where fields lie in the network: a row is the one-hot tokens of all fields, one after the other. */
export interface Layout {
  /** Tokens of each field. */
  readonly sizes: readonly number[];
  /** First token of each field in the row. */
  readonly offsets: readonly number[];
  /** Length of the one-hot row. */
  readonly width: number;
  readonly fields: number;
  /** Hidden units of each field's own network. */
  readonly hidden: number;
  /** Numbers that the tokens of each field are embedded in; null where the units read the one-hot row itself. */
  readonly embedding: number | null;
}

/** Above so many weights from one-hot tokens to hidden units, tokens are embedded first. */
const MOST_DIRECT_WEIGHTS = 2 ** 20;
/** Above so many weights from embedded tokens to hidden units, there are fewer of these. */
const MOST_EMBEDDED_WEIGHTS = 2 ** 22;
const EMBEDDING = 8;
const FEWEST_HIDDEN = 2;

/** What of a layout does not follow from the fields of a model that has grown. */
export type NetworkForm = Pick<Layout, 'hidden' | 'embedding'>;

/** @param form as it is, in place of what would be chosen for so many fields and tokens. */
export function layoutOf(
  fields: readonly Pick<Field, 'size'>[],
  hiddenUnits: number,
  form?: NetworkForm | undefined,
): Layout {
  const sizes = fields.map(({ size }) => size);
  const offsets: number[] = [];
  let width = 0;
  for (const size of sizes) {
    offsets.push(width);
    width += size;
  }
  if (form !== undefined) return { sizes, offsets, width, fields: sizes.length, ...form };
  const isDirect = width * sizes.length * hiddenUnits <= MOST_DIRECT_WEIGHTS;
  const fitting = Math.floor(MOST_EMBEDDED_WEIGHTS / (EMBEDDING * sizes.length ** 2));
  const hidden = isDirect ? hiddenUnits : Math.min(hiddenUnits, Math.max(FEWEST_HIDDEN, fitting));
  return { sizes, offsets, width, fields: sizes.length, hidden, embedding: isDirect ? null : EMBEDDING };
}

/** Length of each field's part of what hidden units read. */
export function featureSizes({ sizes, embedding }: Layout): readonly number[] {
  return embedding === null ? sizes : sizes.map(() => embedding);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
