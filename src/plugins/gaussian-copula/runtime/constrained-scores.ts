import { RandomStream } from '../../../core/plugin-api/index.js';
import type { Constraint } from './conditions.js';
import type { PackedMatrix } from './packed-matrix.js';
import { massBetween, truncatedNormal } from './truncated-normal.js';

/** Intervals narrower than this are taken for their middle. */
const POINT_WIDTH = 1e-7;
const PILOT_PROPOSALS = 2000;
/** Below this rate of acceptance, rejection gives way to a Gibbs sampler. */
const LEAST_ACCEPTANCE = 0.002;
const GIBBS_SWEEPS = 200;
/** Random numbers that one row may use. */
const SPAN = 2 ** 24;

/** Points first, then intervals from the least probable: the order in which proposals are accepted most often. */
export function proposalOrder(constraints: readonly Constraint[]): Constraint[] {
  return constraints.toSorted((a, b) => massOf(a) - massOf(b) || a.dimension - b.dimension);
}

function massOf({ low, high }: Constraint): number {
  return high - low < POINT_WIDTH ? 0 : massBetween(low, high);
}

/**
 * Normal variables with given correlations, each within its interval. Proposals draw one after the other from its normal
 * distribution given those before, cut to its interval (Geweke, 1991; Hajivassiliou and McFadden, 1998); accepting them with
 * the product of what the cuts left makes the draw exact. One interval, with any number of points, is always accepted. Where
 * next to no proposal would be, a Gibbs sampler of 200 sweeps for each row takes over, which is exact in the limit only.
 */
export class ConstrainedScores {
  readonly #constraints: readonly Constraint[];
  readonly #factor: PackedMatrix;
  readonly #stream: RandomStream;
  readonly #scores: Float64Array;
  readonly #precision: Float64Array;
  /** True where rejection is hopeless and rows follow the conditional distribution only nearly. */
  readonly approximate: boolean;

  /** @param factor a Cholesky factor whose first rows are those of the constraints, in {@link proposalOrder}. */
  constructor(constraints: readonly Constraint[], factor: PackedMatrix, seed: number) {
    this.#constraints = constraints;
    this.#factor = factor;
    this.#scores = new Float64Array(constraints.length);
    this.#stream = new RandomStream(seed, 'sample.conditions.pilot');
    this.approximate = this.#acceptance() < LEAST_ACCEPTANCE;
    this.#precision = this.approximate ? inverseOfProduct(factor, constraints.length) : new Float64Array(0);
    this.#stream = new RandomStream(seed, 'sample.conditions');
  }

  /** The scores of one row into scores[0 … m), and the independent normals behind them into noise[offset … offset + m). */
  draw(row: number, noise: Float64Array, offset: number): Float64Array {
    if (this.approximate) this.#gibbs(row, noise, offset);
    else this.#rejection(row, noise, offset);
    return this.#scores;
  }

  #rejection(row: number, noise: Float64Array, offset: number): void {
    const uses = this.#constraints.length + 1;
    for (let attempt = 0; ; attempt++) {
      const at = row * SPAN + attempt * uses;
      const weight = this.#propose(at, noise, offset);
      if (weight >= 1 || this.#stream.preciseUniformAt(at + uses - 1) < weight) return;
    }
  }

  /** Fills scores and noise with a proposal; the result is the probability with which it is to be accepted. */
  #propose(at: number, noise: Float64Array, offset: number): number {
    let weight = 1;
    let intervals = 0;
    this.#constraints.forEach(({ low, high }, k) => {
      const start = this.#factor.rowStart(k);
      const scale = this.#factor.data[start + k]!;
      let mean = 0;
      for (let j = 0; j < k; j++) mean += this.#factor.data[start + j]! * noise[offset + j]!;
      if (high - low < POINT_WIDTH) {
        this.#scores[k] = low + (high - low) / 2;
      } else {
        const [from, to] = [(low - mean) / scale, (high - mean) / scale];
        // What the first cut leaves is the same for every proposal, so it decides nothing.
        if (intervals++ > 0) weight *= massBetween(from, to);
        const draw = mean + scale * truncatedNormal(from, to, this.#stream.preciseUniformAt(at + k));
        this.#scores[k] = Math.min(high, Math.max(low, draw));
      }
      noise[offset + k] = (this.#scores[k]! - mean) / scale;
    });
    return weight;
  }

  #acceptance(): number {
    if (this.#constraints.length < 2) return 1;
    const noise = new Float64Array(this.#constraints.length);
    let sum = 0;
    for (let k = 0; k < PILOT_PROPOSALS; k++) sum += this.#propose(k * (noise.length + 1), noise, 0);
    return sum / PILOT_PROPOSALS;
  }

  #gibbs(row: number, noise: Float64Array, offset: number): void {
    const size = this.#constraints.length;
    this.#propose(row * SPAN, noise, offset);
    for (let sweep = 1; sweep <= GIBBS_SWEEPS; sweep++) {
      for (let k = 0; k < size; k++) this.#redraw(k, this.#stream.preciseUniformAt(row * SPAN + sweep * size + k));
    }
    for (let k = 0; k < size; k++) {
      const start = this.#factor.rowStart(k);
      let rest = this.#scores[k]!;
      for (let j = 0; j < k; j++) rest -= this.#factor.data[start + j]! * noise[offset + j]!;
      noise[offset + k] = rest / this.#factor.data[start + k]!;
    }
  }

  /** Draws variable k given all others, from the precision matrix of the constrained ones. */
  #redraw(k: number, u: number): void {
    const { low, high } = this.#constraints[k]!;
    if (high - low < POINT_WIDTH) return;
    const size = this.#constraints.length;
    const precision = this.#precision[k * size + k]!;
    let mean = 0;
    for (let j = 0; j < size; j++) if (j !== k) mean -= (this.#precision[k * size + j]! * this.#scores[j]!) / precision;
    const scale = 1 / Math.sqrt(precision);
    const draw = mean + scale * truncatedNormal((low - mean) / scale, (high - mean) / scale, u);
    this.#scores[k] = Math.min(high, Math.max(low, draw));
  }
}

/** (L·Lᵀ)⁻¹ of the leading `size` rows of a Cholesky factor. */
function inverseOfProduct(factor: PackedMatrix, size: number): Float64Array {
  // Column c of L⁻¹, by forward substitution.
  const inverse = new Float64Array(size * size);
  for (let c = 0; c < size; c++) {
    for (let i = c; i < size; i++) {
      const start = factor.rowStart(i);
      let sum = i === c ? 1 : 0;
      for (let j = c; j < i; j++) sum -= factor.data[start + j]! * inverse[j * size + c]!;
      inverse[i * size + c] = sum / factor.data[start + i]!;
    }
  }
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = Math.max(i, j); k < size; k++)
        product[i * size + j]! += inverse[k * size + i]! * inverse[k * size + j]!;
    }
  }
  return product;
}
