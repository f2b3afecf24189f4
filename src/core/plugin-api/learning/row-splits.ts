import { RandomStream } from '../random.js';

/** Draws a fraction of the rows (the first array, ascending; the rest is the second), with each label in its share. */
export function splitRows(
  rowCount: number,
  fraction: number,
  seed: number,
  purpose: string,
  strata: Int32Array | null = null,
): [drawn: Uint32Array, rest: Uint32Array] {
  const isDrawn = new Uint8Array(rowCount);
  for (const rows of shuffledStrata(rowCount, seed, purpose, strata)) {
    for (const row of rows.subarray(0, Math.round(rows.length * fraction))) isDrawn[row] = 1;
  }
  return [rowsWhere(isDrawn, 1), rowsWhere(isDrawn, 0)];
}

/** The fold, 0 … folds − 1, of each row: of equal sizes, with each label in its share. */
export function assignFolds(
  rowCount: number,
  folds: number,
  seed: number,
  purpose: string,
  strata: Int32Array | null = null,
): Uint8Array {
  const foldOf = new Uint8Array(rowCount);
  let next = 0;
  for (const rows of shuffledStrata(rowCount, seed, purpose, strata)) {
    for (const row of rows) foldOf[row] = next++ % folds;
  }
  return foldOf;
}

/** Ascending rows at which the marks have the value. */
export function rowsWhere(marks: Uint8Array, value: number): Uint32Array {
  const rows: number[] = [];
  marks.forEach((mark, row) => {
    if (mark === value) rows.push(row);
  });
  return Uint32Array.from(rows);
}

/** `count` of the rows 0 … rowCount − 1, ascending; all of them where there are no more. */
export function drawRows(rowCount: number, count: number, seed: number, purpose: string): Uint32Array {
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
  if (count >= rowCount) return rows;
  return new RandomStream(seed, purpose).shuffle(rows).subarray(0, count).toSorted();
}

function shuffledStrata(rowCount: number, seed: number, purpose: string, strata: Int32Array | null): Uint32Array[] {
  const stream = new RandomStream(seed, purpose);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rowCount; row++) {
    const label = strata?.[row] ?? 0;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [row]);
    else group.push(row);
  }
  const labels = [...groups.keys()].toSorted((a, b) => a - b);
  return labels.map((label) => stream.shuffle(Uint32Array.from(groups.get(label)!)));
}
