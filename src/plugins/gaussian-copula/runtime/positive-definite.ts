import type { RunContext } from '../../../core/plugin-api/index.js';
import { cholesky } from './cholesky.js';
import { PackedMatrix } from './packed-matrix.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** Up to this size all eigenvalues are found (time grows by the cube); wider matrices are shrunk towards independence. */
const EIGEN_LIMIT = 300;
const SMALLEST_EIGENVALUE = 1e-4;

export interface Repaired {
  readonly correlation: PackedMatrix;
  readonly factor: PackedMatrix;
  /** Greatest change of a single correlation. */
  readonly largestChange: number;
}

/** A positive definite correlation matrix near the given one, and its Cholesky factor. */
export async function repairCorrelation(matrix: PackedMatrix, context: RunContext): Promise<Repaired> {
  const factor = await cholesky(matrix, context);
  if (factor) return { correlation: matrix, factor, largestChange: 0 };
  if (matrix.size > EIGEN_LIMIT) return shrink(matrix, context);
  const correlation = raiseEigenvalues(matrix);
  const repaired = await cholesky(correlation, context);
  if (!repaired) return shrink(correlation, context);
  return { correlation, factor: repaired, largestChange: largestDifference(matrix, correlation) };
}

/** Eigenvalues below the least allowed are raised to it, and the diagonal scaled back to ones. */
function raiseEigenvalues(matrix: PackedMatrix): PackedMatrix {
  const { values, vectors } = symmetricEigen(matrix);
  const n = matrix.size;
  const result = new PackedMatrix(n);
  for (let k = 0; k < n; k++) {
    const value = Math.max(values[k]!, SMALLEST_EIGENVALUE);
    for (let i = 0, at = 0; i < n; i++) {
      const weight = value * vectors[k * n + i]!;
      for (let j = 0; j <= i; j++, at++) result.data[at]! += weight * vectors[k * n + j]!;
    }
  }
  const deviations = Float64Array.from({ length: n }, (_, i) => Math.sqrt(result.at(i, i)));
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j <= i; j++, at++)
      result.data[at] = i === j ? 1 : result.data[at]! / (deviations[i]! * deviations[j]!);
  }
  return result;
}

/** (1 − λ)·matrix + λ·identity with the least λ of 2^-10, 2^-8, … 1 that is positive definite. */
async function shrink(matrix: PackedMatrix, context: RunContext): Promise<Repaired> {
  for (let weight = 2 ** -10; weight <= 1; weight *= 4) {
    const correlation = new PackedMatrix(
      matrix.size,
      matrix.data.map((x) => x * (1 - weight)),
    );
    for (let i = 0; i < matrix.size; i++) correlation.data[correlation.rowStart(i) + i] = 1;
    const factor = await cholesky(correlation, context);
    if (factor) return { correlation, factor, largestChange: largestDifference(matrix, correlation) };
  }
  throw new Error('The correlation matrix has values that are not finite');
}

function largestDifference(a: PackedMatrix, b: PackedMatrix): number {
  return a.data.reduce((largest, value, at) => Math.max(largest, Math.abs(value - b.data[at]!)), 0);
}
