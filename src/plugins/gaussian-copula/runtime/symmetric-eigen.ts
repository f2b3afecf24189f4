import type { PackedMatrix } from './packed-matrix.js';

export interface Eigen {
  readonly values: Float64Array;
  /** Row k is the eigenvector of values[k]. */
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 30;

/** All eigenvalues and eigenvectors, by Jacobi's cyclic rotations (Golub and Van Loan, "Matrix computations", 8.5). */
export function symmetricEigen(matrix: PackedMatrix): Eigen {
  const n = matrix.size;
  const a = Float64Array.from({ length: n * n }, (_, at) => matrix.at(Math.floor(at / n), at % n));
  const vectors = Float64Array.from({ length: n * n }, (_, at) => (Math.floor(at / n) === at % n ? 1 : 0));
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, n) > 1e-22 * n; sweep++) {
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
    }
  }
  return { values: Float64Array.from({ length: n }, (_, k) => a[k * n + k]!), vectors };
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += a[i * n + j]! ** 2;
  return sum;
}

/** Makes a[p, q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (Math.abs(apq) < 1e-300) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  rotateRows(a, n, p, q, c, s);
  rotateRows(vectors, n, p, q, c, s);
}

function rotateRows(rows: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [rows[p * n + k]!, rows[q * n + k]!];
    rows[p * n + k] = c * pk - s * qk;
    rows[q * n + k] = s * pk + c * qk;
  }
}
