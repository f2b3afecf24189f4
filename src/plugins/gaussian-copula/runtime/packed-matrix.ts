/** A symmetric or a lower triangular matrix by rows of its lower half: element (i, j ≤ i) is at i(i + 1)/2 + j. */
export class PackedMatrix {
  readonly size: number;
  readonly data: Float64Array;

  constructor(size: number, data: Float64Array = new Float64Array((size * (size + 1)) / 2)) {
    this.size = size;
    this.data = data;
  }

  rowStart(i: number): number {
    return (i * (i + 1)) / 2;
  }

  /** Element (i, j) of a symmetric matrix, in any order. */
  at(i: number, j: number): number {
    return i >= j ? this.data[this.rowStart(i) + j]! : this.data[this.rowStart(j) + i]!;
  }

  /** The symmetric matrix with its rows and columns in another order. */
  permuted(order: readonly number[]): PackedMatrix {
    const result = new PackedMatrix(this.size);
    let k = 0;
    for (let i = 0; i < this.size; i++) {
      for (let j = 0; j <= i; j++) result.data[k++] = this.at(order[i]!, order[j]!);
    }
    return result;
  }
}
