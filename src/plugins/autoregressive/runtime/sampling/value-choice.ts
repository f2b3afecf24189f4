/**
 * Listed values of a column of which each row holds one. A value is worth, at the tokens of the column's fields, the product
 * of what it leaves of each. The proposal draws each field by the sum over the values: for a column of one field that is the
 * same, and where a moment has several parts, {@link logWorth} sets right that they came from different moments.
 */
export class ValueChoice {
  readonly #sums: readonly Float64Array[];
  /** By token of the first field: the values that leave something of it. */
  readonly #candidates: readonly Int32Array[];

  /**
   * @param fields of the column. @param cells by value, as a decoder gives them.
   * @param shares by value, field and token: what share of the token the value leaves.
   */
  constructor(
    readonly fields: readonly number[],
    private readonly cells: readonly number[],
    private readonly shares: readonly (readonly Float64Array[])[],
  ) {
    this.#sums = fields.map((_, k) => {
      const sums = new Float64Array(shares[0]![k]!.length);
      for (const own of shares) own[k]!.forEach((share, t) => (sums[t]! += share));
      return sums;
    });
    this.#candidates = Array.from(this.#sums[0]!, (_, t) => {
      return Int32Array.from([...cells.keys()].filter((value) => shares[value]![0]![t]! > 0));
    });
  }

  /** By token of field `k` of the column: what all values leave of it together. */
  sharesOf(k: number): Float64Array {
    return this.#sums[k]!;
  }

  /**
   * Log of what the values are worth at a row's tokens over what the sums by field say; −∞ where no value has these tokens.
   * @param tokenOf the token of a field.
   */
  logWorth(tokenOf: (field: number) => number): number {
    if (this.fields.length === 1) return 0;
    const bySums = this.fields.reduce((product, f, k) => product * this.#sums[k]![tokenOf(f)]!, 1);
    let worth = 0;
    for (const value of this.#candidates[tokenOf(this.fields[0]!)]!) worth += this.#worth(value, tokenOf);
    return Math.log(worth / bySums);
  }

  /** One of the values that have a row's tokens, in proportion to its worth there. @param uniform a number in (0, 1). */
  cellAt(tokenOf: (field: number) => number, uniform: number): number {
    const candidates = this.#candidates[tokenOf(this.fields[0]!)]!;
    if (candidates.length === 1) return this.cells[candidates[0]!]!;
    const worths = Float64Array.from(candidates, (value) => this.#worth(value, tokenOf));
    let rest = uniform * worths.reduce((sum, worth) => sum + worth, 0);
    let place = 0;
    while (place < worths.length - 1 && rest >= worths[place]!) rest -= worths[place++]!;
    return this.cells[candidates[place]!]!;
  }

  #worth(value: number, tokenOf: (field: number) => number): number {
    return this.fields.reduce((product, f, k) => product * this.shares[value]![k]![tokenOf(f)]!, 1);
  }
}
