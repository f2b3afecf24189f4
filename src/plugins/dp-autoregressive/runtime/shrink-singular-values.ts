/** Rounds of rotations; they converge in fewer than ten. */
const MOST_SWEEPS = 30;

/**
 * The matrix that is nearest, on average, to the one that white noise was added to: its singular values are shrunk, those that
 * noise alone could make to zero. Gavish and Donoho, "Optimal shrinkage of singular values" (arXiv 1405.7511), eq. 7, for the
 * Frobenius norm.
 * @param matrix rows × columns, row after row; @param deviation of the noise on each of its numbers.
 */
export function shrinkSingularValues(
  matrix: Float64Array,
  rows: number,
  columns: number,
  deviation: number,
): Float64Array {
  if (rows < columns) {
    return transpose(shrinkSingularValues(transpose(matrix, rows, columns), columns, rows, deviation), columns, rows);
  }
  // As lists of columns: A·V, whose columns are orthogonal, and V.
  const product = columnsOf(matrix, rows, columns);
  const rotation = columnsOf(identity(columns), columns, columns);
  orthogonalise(product, rotation);
  const result = new Float64Array(rows * columns);
  product.forEach((column, j) => {
    const value = Math.sqrt(inner(column, column));
    const kept = shrink(value / deviation, rows, columns) * deviation;
    if (kept === 0) return;
    const factor = kept / value;
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < columns; k++) result[i * columns + k]! += factor * column[i]! * rotation[j]![k]!;
    }
  });
  return result;
}

/** The shrunk singular value of a matrix with noise of deviation 1. */
function shrink(value: number, rows: number, columns: number): number {
  if (value <= Math.sqrt(rows) + Math.sqrt(columns)) return 0;
  return Math.sqrt((value * value - rows - columns) ** 2 - 4 * rows * columns) / value;
}

/** Hestenes' one-sided rotations (Golub and Van Loan, "Matrix computations", 8.6.3). */
function orthogonalise(product: Float64Array[], rotation: Float64Array[]): void {
  for (let sweep = 0, changed = true; changed && sweep < MOST_SWEEPS; sweep++) {
    changed = false;
    for (let p = 0; p < product.length; p++) {
      for (let q = p + 1; q < product.length; q++) {
        const [a, b] = [product[p]!, product[q]!];
        const [aa, bb, ab] = [inner(a, a), inner(b, b), inner(a, b)];
        if (Math.abs(ab) <= 1e-12 * Math.sqrt(aa * bb)) continue;
        changed = true;
        const zeta = (bb - aa) / (2 * ab);
        const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const cosine = 1 / Math.hypot(1, tangent);
        rotate(a, b, cosine, cosine * tangent);
        rotate(rotation[p]!, rotation[q]!, cosine, cosine * tangent);
      }
    }
  }
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function columnsOf(matrix: Float64Array, rows: number, columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (__, i) => matrix[i * columns + j]!),
  );
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!);
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
}
