import { RandomStream } from '../plugin-api/index.js';

/** One of the two parts into which a seed divides the rows. */
export interface RowSelection {
  /** Share of the rows kept out of training, 0 to 1. */
  readonly fraction: number;
  readonly seed: number;
  readonly part: 'train' | 'holdout';
}

/** 1 for each row of the part. Whether a row is held out depends on the seed and the row's position alone. */
export function selectRows(rowCount: number, { fraction, seed, part }: RowSelection): Uint8Array {
  const stream = new RandomStream(seed, 'holdout');
  const selected = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const heldOut = stream.uniformAt(row) < fraction;
    selected[row] = heldOut === (part === 'holdout') ? 1 : 0;
  }
  return selected;
}

export function countSelected(selected: Uint8Array): number {
  let count = 0;
  for (const flag of selected) count += flag;
  return count;
}
