const FEWEST_ROWS = 32;
/** A small table is seen in at least so many batches. */
const BATCHES = 6;

/** Rows in a step: as asked, or a power of two that leaves a small table several steps an epoch. */
export function batchSizeFor(rowCount: number, asked: number): number {
  const fitting = 2 ** Math.floor(Math.log2(Math.max(1, rowCount / BATCHES)));
  return Math.min(asked, Math.max(FEWEST_ROWS, fitting));
}
