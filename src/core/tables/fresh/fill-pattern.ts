/** How fresh values of a column look that is set aside. Holds no value of the column. */
export type FillPattern =
  /** `first`, `first + step`, …: beyond every value of the column. Decimal digits, since 53 bits may be too few. */
  | { readonly type: 'integers'; readonly first: string; readonly step: string }
  | {
      readonly type: 'masks';
      readonly masks: readonly WeightedMask[];
      /** A filter (base64, see {@link ValueFilter}) that knows every value of the column, so that none of them is made again. */
      readonly avoid?: string;
    };

export interface WeightedMask {
  readonly mask: string;
  readonly weight: number;
}

/** Letters that stand for a class in a mask; any other character stands for itself. */
export const DIGIT = '\u0001';
export const LOWER = '\u0002';
export const UPPER = '\u0003';
export const HEX = '\u0004';

export const CLASS_LETTERS: Readonly<Record<string, string>> = {
  [DIGIT]: '0123456789',
  [LOWER]: 'abcdefghijklmnopqrstuvwxyz',
  [UPPER]: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  [HEX]: '0123456789abcdef',
};
