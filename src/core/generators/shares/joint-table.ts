/** Counts or weights of all combinations of the values of several axes; the last axis runs fastest. */
export class JointTable {
  readonly cells: Float64Array;
  /** By axis: how far apart neighbouring values lie among the cells. */
  readonly #strides: readonly number[];

  /** @param sizes by axis: its number of values. @param cells zeros when left out. */
  constructor(
    readonly sizes: readonly number[],
    cells?: Float64Array,
  ) {
    const after = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
    this.#strides = after;
    this.cells = cells ?? new Float64Array(sizes.reduce((product, size) => product * size, 1));
  }

  /** The value of a cell on an axis. */
  valueOf(cell: number, axis: number): number {
    return Math.floor(cell / this.#strides[axis]!) % this.sizes[axis]!;
  }

  /** By axis: the values of a cell. */
  valuesOf(cell: number): number[] {
    return this.sizes.map((_, axis) => this.valueOf(cell, axis));
  }

  cellOf(values: readonly number[]): number {
    return values.reduce((cell, value, axis) => cell + value * this.#strides[axis]!, 0);
  }

  /** By value of an axis: the sum over all others. */
  margin(axis: number): Float64Array {
    const sums = new Float64Array(this.sizes[axis]!);
    this.cells.forEach((weight, cell) => (sums[this.valueOf(cell, axis)]! += weight));
    return sums;
  }

  /** The sums over the last axes: what is left when only the first `axes` are told apart. */
  leading(axes: number): JointTable {
    const sizes = this.sizes.slice(0, axes);
    const sums = new JointTable(sizes);
    const width = this.cells.length / sums.cells.length;
    this.cells.forEach((weight, cell) => (sums.cells[Math.floor(cell / width)]! += weight));
    return sums;
  }

  /** The same table with its axes in another order: axis k of the result is axis `order[k]` of this one. */
  reordered(order: readonly number[]): JointTable {
    const result = new JointTable(order.map((axis) => this.sizes[axis]!));
    this.cells.forEach((weight, cell) => {
      result.cells[result.cellOf(order.map((axis) => this.valueOf(cell, axis)))] = weight;
    });
    return result;
  }
}
