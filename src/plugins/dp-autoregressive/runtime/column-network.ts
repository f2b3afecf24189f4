import type { ColumnFeatures } from './column-features.js';

/**
 * How a column is drawn given the columns before it: logits of its codes are `bias` plus what its features make of the sum of
 * the effects that the codes of the columns before it have on them.
 */
export interface ColumnNetwork {
  readonly bias: Float64Array;
  /** By earlier column: from its features to this column's, at j·size + k. */
  readonly weights: readonly Float64Array[];
}

/** Effects of an earlier column's codes on a column's features, at code·size + k. */
export function effectsOf(
  earlier: ColumnFeatures,
  size: number,
  weights: Float64Array,
  out: Float64Array,
): Float64Array {
  out.fill(0);
  for (let code = 0; code < earlier.codes; code++) {
    for (let j = 0; j < earlier.size; j++) {
      const value = earlier.values[code * earlier.size + j]!;
      for (let k = 0; k < size; k++) out[code * size + k]! += value * weights[j * size + k]!;
    }
  }
  return out;
}

/** A column's network ready for use. */
export class ColumnPredictor {
  readonly #sums: Float64Array;

  /** @param effects of each column before it: see {@link effectsOf}. */
  constructor(
    private readonly features: ColumnFeatures,
    private readonly bias: Float64Array,
    private readonly effects: readonly Float64Array[],
  ) {
    this.#sums = new Float64Array(features.size);
  }

  /**
   * Fills `out` with the probabilities of the codes, given those of the columns before: `codes[c][row]`.
   * @returns the logarithm of the sum of the exponentials of the logits.
   */
  predict(codes: readonly Uint16Array[], row: number, out: Float64Array): number {
    const count = this.features.codes;
    const common = this.#writeLogits(codes, row, out);
    let most = -Infinity;
    for (let code = 0; code < count; code++) if (out[code]! > most) most = out[code]!;
    let sum = 0;
    for (let code = 0; code < count; code++) sum += out[code] = Math.exp(out[code]! - most);
    for (let code = 0; code < count; code++) out[code]! /= sum;
    return common + most + Math.log(sum);
  }

  /** Fills `out` with the expected features under probabilities. */
  expect(probabilities: Float64Array, out: Float64Array): void {
    const { size, codes, values, indicators } = this.features;
    out.fill(0);
    for (let code = 0; code < codes; code++) {
      const p = probabilities[code]!;
      if (indicators !== null) out[indicators.own[code]!]! += p * indicators.step[indicators.own[code]!]!;
      else for (let k = 0; k < size; k++) out[k]! += p * values[code * size + k]!;
    }
    if (indicators !== null) for (let k = 0; k < size; k++) out[k]! += indicators.absent[k]!;
  }

  /** Gives what is to be added to all of them. */
  #writeLogits(codes: readonly Uint16Array[], row: number, out: Float64Array): number {
    const { size, codes: count, values, indicators } = this.features;
    const sums = this.#sums.fill(0);
    for (let c = 0; c < this.effects.length; c++) {
      const effects = this.effects[c]!;
      const at = codes[c]![row]! * size;
      for (let k = 0; k < size; k++) sums[k]! += effects[at + k]!;
    }
    let common = 0;
    if (indicators !== null) {
      for (let k = 0; k < size; k++) {
        common += sums[k]! * indicators.absent[k]!;
        sums[k]! *= indicators.step[k]!;
      }
    }
    for (let code = 0; code < count; code++) {
      let logit = this.bias[code]!;
      if (indicators !== null) logit += sums[indicators.own[code]!]!;
      else for (let k = 0; k < size; k++) logit += sums[k]! * values[code * size + k]!;
      out[code] = logit;
    }
    return common;
  }
}
