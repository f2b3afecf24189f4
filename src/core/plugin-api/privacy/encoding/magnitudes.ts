import type { Cells } from './cells.js';

/**
 * Cells of doubling width around zero: 0 by itself, then [2^k, 2^{k+1}) and their mirror images. They are fixed whatever the
 * rows are, so that counting in them finds the range of a column nobody declared. Larger magnitudes count in the last cell.
 */
export function magnitudeCells(whole: boolean): Cells {
  const [least, most] = whole ? [0, 62] : [-32, 63];
  const powers = Array.from({ length: most - least + 2 }, (_, i) => 2 ** (least + i));
  const positive = powers.slice(0, -1);
  const tip = powers[0]!;
  // On whole numbers the cell of zero is [0, 1) and that of −1 is [−1, 0): mirrored edges are one higher.
  const mirror = (edge: number): number => (whole ? 1 - edge : -edge);
  return {
    starts: [...powers.slice(1).toReversed().map(mirror), whole ? 0 : -tip, ...positive],
    ends: [...positive.toReversed().map(mirror), tip, ...powers.slice(1)],
  };
}
