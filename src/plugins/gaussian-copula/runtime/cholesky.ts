import type { RunContext } from '../../../core/plugin-api/index.js';
import { PackedMatrix } from './packed-matrix.js';

/** A pivot below this share of a diagonal of ones counts as not positive. */
const SMALLEST_PIVOT = 1e-10;
const BLOCK = 4;

/**
 * The lower triangular L with L·Lᵀ = `matrix` (symmetric), or null where the matrix isn't positive definite.
 * Row by row, four rows in a block, so that a wide matrix is read a quarter as often.
 */
export async function cholesky(matrix: PackedMatrix, { tick }: Pick<RunContext, 'tick'>): Promise<PackedMatrix | null> {
  const factor = new PackedMatrix(matrix.size, matrix.data.slice());
  for (let first = 0; first < factor.size; first += BLOCK) {
    const end = Math.min(first + BLOCK, factor.size);
    if (end - first === BLOCK) solveBlock(factor, first);
    for (let i = first; i < end; i++) {
      if (!finishRow(factor, i, end - first === BLOCK ? first : 0)) return null;
    }
    if (first % 16 === 0) await tick();
  }
  return factor;
}

/** Elements (i, j) for j < first of the rows first … first + 3. */
function solveBlock({ data, rowStart }: PackedMatrix, first: number): void {
  const [a, b, c, d] = [rowStart(first), rowStart(first + 1), rowStart(first + 2), rowStart(first + 3)];
  for (let j = 0, row = 0; j < first; row += ++j) {
    let [sumA, sumB, sumC, sumD] = [data[a + j]!, data[b + j]!, data[c + j]!, data[d + j]!];
    for (let k = 0; k < j; k++) {
      const l = data[row + k]!;
      sumA -= data[a + k]! * l;
      sumB -= data[b + k]! * l;
      sumC -= data[c + k]! * l;
      sumD -= data[d + k]! * l;
    }
    const pivot = 1 / data[row + j]!;
    data[a + j] = sumA * pivot;
    data[b + j] = sumB * pivot;
    data[c + j] = sumC * pivot;
    data[d + j] = sumD * pivot;
  }
}

/** Elements (i, j) for j ≥ from; false where the pivot isn't positive. */
function finishRow({ data, rowStart }: PackedMatrix, i: number, from: number): boolean {
  const row = rowStart(i);
  for (let j = from; j <= i; j++) {
    const other = rowStart(j);
    let sum = data[row + j]!;
    for (let k = 0; k < j; k++) sum -= data[row + k]! * data[other + k]!;
    if (j < i) {
      data[row + j] = sum / data[other + j]!;
    } else {
      if (!(sum > SMALLEST_PIVOT)) return false;
      data[row + j] = Math.sqrt(sum);
    }
  }
  return true;
}
