/**
 * A quantile function in linear pieces: from probability `probabilities[j]` to `probabilities[j + 1]` the value runs from
 * `starts[j]` to `ends[j]`. A piece whose two ends are equal is an atom: that value has the piece's whole probability.
 * Probabilities ascend from 0 to 1 and values never fall. No pieces at all: nothing is known but missing cells.
 */
export interface QuantilePieces {
  readonly probabilities: Float64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

export const NO_PIECES: QuantilePieces = {
  probabilities: new Float64Array(1),
  starts: new Float64Array(0),
  ends: new Float64Array(0),
};

/** Collects pieces in ascending order, weighed by any unit of mass. */
export class QuantilePiecesBuilder {
  readonly #masses: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add(mass: number, start: number, end: number): void {
    this.#masses.push(mass);
    this.#starts.push(start);
    this.#ends.push(end);
  }

  build(): QuantilePieces {
    const total = this.#masses.reduce((sum, mass) => sum + mass, 0);
    const probabilities = new Float64Array(this.#masses.length + 1);
    let below = 0;
    this.#masses.forEach((mass, j) => {
      below += mass;
      probabilities[j + 1] = below / total;
    });
    return { probabilities, starts: Float64Array.from(this.#starts), ends: Float64Array.from(this.#ends) };
  }
}

/** P(X ≤ x). */
export function cdfOfPieces({ probabilities, starts, ends }: QuantilePieces, x: number): number {
  const j = firstPieceEndingAbove(ends, x);
  if (j === ends.length) return ends.length === 0 ? NaN : 1;
  const low = probabilities[j]!;
  if (x <= starts[j]!) return low;
  return low + ((x - starts[j]!) / (ends[j]! - starts[j]!)) * (probabilities[j + 1]! - low);
}

/** Number of pieces that end at or below x. */
export function firstPieceEndingAbove(ends: Float64Array, x: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
