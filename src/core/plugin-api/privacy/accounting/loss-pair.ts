/**
 * The output distributions P and Q of a mechanism on two neighbouring tables, seen through the privacy loss ln(P/Q) and put
 * on the grid of multiples of `interval`: `first` is the grid index of element 0, and p[i] = q[i]·e^loss.
 *
 * Built by "connecting the dots" (Doroshenko et al., "Connect the dots: tighter discrete approximations of privacy loss
 * distributions", arXiv 2207.04380): the mass of each cell goes to its two ends so that both its P and its Q mass stay what
 * they are. The result is never more private than the mechanism, in either direction, and errs by the square of the interval.
 */
export interface LossPair {
  readonly interval: number;
  readonly first: number;
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** P mass where Q has none (or was cut off), and the other way round. */
  readonly infiniteP: number;
  readonly infiniteQ: number;
}

export class LossPairBuilder {
  readonly #p: Float64Array;
  readonly #q: Float64Array;
  #infiniteP = 0;
  #infiniteQ = 0;

  /** For losses from grid index `first` to `last`, both included. */
  constructor(
    readonly interval: number,
    readonly first: number,
    readonly last: number,
  ) {
    this.#p = new Float64Array(last - first + 1);
    this.#q = new Float64Array(last - first + 1);
  }

  /** Mass `q` under Q in the cell above grid index `index`, and `excess` = ∫ (e^loss − e^lower end) dQ over it. */
  addCell(index: number, q: number, excess: number): void {
    const likelihood = Math.exp(index * this.interval);
    const upper = Math.min(q, excess / (likelihood * Math.expm1(this.interval)));
    const i = index - this.first;
    this.#q[i]! += q - upper;
    this.#p[i]! += (q - upper) * likelihood;
    if (upper === 0) return;
    this.#q[i + 1]! += upper;
    this.#p[i + 1]! += upper * likelihood * Math.exp(this.interval);
  }

  /** A single point: mass `q` under Q at the given loss. */
  addPoint(loss: number, q: number): void {
    const index = Math.min(this.last, Math.max(this.first, Math.floor(loss / this.interval)));
    const excess = Math.max(0, Math.expm1(loss - index * this.interval));
    this.addCell(index, q, q * Math.exp(index * this.interval) * excess);
  }

  addInfinite(p: number, q: number): void {
    this.#infiniteP += p;
    this.#infiniteQ += q;
  }

  build(): LossPair {
    const { interval, first } = this;
    return { interval, first, p: this.#p, q: this.#q, infiniteP: this.#infiniteP, infiniteQ: this.#infiniteQ };
  }
}

/** The pair with the tables' roles exchanged. */
export function reversed(pair: LossPair): LossPair {
  return {
    interval: pair.interval,
    first: -(pair.first + pair.p.length - 1),
    p: pair.q.toReversed(),
    q: pair.p.toReversed(),
    infiniteP: pair.infiniteQ,
    infiniteQ: pair.infiniteP,
  };
}
