import { RandomStream } from '../../../core/plugin-api/index.js';
import { beyond, type Constraint } from './conditions.js';
import type { PackedMatrix } from './packed-matrix.js';
import { POINT_WIDTH, type ScoreInterval } from './score-interval.js';
import { drawWithin, massWithin } from './truncated-normal.js';

const EVERYTHING: readonly ScoreInterval[] = [{ low: -Infinity, high: Infinity }];
const STANDARD = { mean: 0, scale: 1 };
/** Of a standard normal, at its mean. */
const GREATEST_DENSITY = 1 / Math.sqrt(2 * Math.PI);
const PILOT_PROPOSALS = 2000;
/** Below this rate of acceptance, rejection gives way to a Gibbs sampler. */
const LEAST_ACCEPTANCE = 0.002;
const GIBBS_SWEEPS = 200;
/** Random numbers that one row may use. */
const SPAN = 2 ** 24;

/**
 * Points first, then intervals from the least probable: the order in which proposals are accepted most often. A variable that
 * may free another comes before it, itself held nowhere.
 */
export function proposalOrder(constraints: readonly Constraint[]): Constraint[] {
  const ordered = constraints.toSorted((a, b) => massOf(a) - massOf(b) || a.dimension - b.dimension);
  return ordered.flatMap((constraint) => {
    const { unless } = constraint;
    return unless ? [{ dimension: unless.dimension, intervals: EVERYTHING }, constraint] : [constraint];
  });
}

function massOf(constraint: Constraint): number {
  return pointOf(constraint) === null ? massWithin(constraint.intervals, STANDARD) : 0;
}

/** The score that a constraint holds its variable at; null where it leaves a choice. */
function pointOf({ intervals, unless }: Constraint): number | null {
  const { low, high } = intervals[0]!;
  return !unless && intervals.length === 1 && high - low < POINT_WIDTH ? low + (high - low) / 2 : null;
}

/**
 * Normal variables with given correlations, each within its intervals. Proposals draw one after the other from its normal
 * distribution given those before, cut to its intervals (Geweke, 1991; Hajivassiliou and McFadden, 1998); accepting them with
 * the product of what the cuts left makes the draw exact. One interval, with any number of points, is always accepted. Where
 * next to no proposal would be, a Gibbs sampler of 200 sweeps for each row takes over, which is exact in the limit only.
 */
export class ConstrainedScores {
  readonly #constraints: readonly Constraint[];
  readonly #factor: PackedMatrix;
  readonly #stream: RandomStream;
  readonly #scores: Float64Array;
  readonly #precision: Float64Array;
  /** By constraint: the score it holds its variable at, if it does. */
  readonly #points: readonly (number | null)[];
  /** By constraint: the most that its cut can leave of a proposal's probability. */
  readonly #most: readonly number[];
  /** By constraint: the place of the one that may free it, −1 for none. */
  readonly #gates: readonly number[];
  /** True where rejection is hopeless and rows follow the conditional distribution only nearly. */
  readonly approximate: boolean;

  /** @param factor a Cholesky factor whose first rows are those of the constraints, in {@link proposalOrder}. */
  constructor(constraints: readonly Constraint[], factor: PackedMatrix, seed: number) {
    this.#constraints = constraints;
    this.#factor = factor;
    this.#scores = new Float64Array(constraints.length);
    this.#points = constraints.map(pointOf);
    this.#gates = constraints.map(({ unless }) => constraints.findIndex((c) => c.dimension === unless?.dimension));
    this.#most = constraints.map(({ intervals, unless }, k) => {
      if (unless) return 1;
      const width = intervals.reduce((sum, { low, high }) => sum + high - low, 0);
      return Math.min(1, (GREATEST_DENSITY * width) / factor.data[factor.rowStart(k) + k]!);
    });
    this.#stream = new RandomStream(seed, 'sample.conditions.pilot');
    this.approximate = this.#acceptance() < LEAST_ACCEPTANCE;
    this.#precision = this.approximate ? inverseOfProduct(factor, constraints.length) : new Float64Array(0);
    this.#stream = new RandomStream(seed, 'sample.conditions');
  }

  /** The scores of one row into scores[0 … m), and the independent normals behind them into noise[offset … offset + m). */
  draw(row: number, noise: Float32Array, offset: number): Float64Array {
    if (this.approximate) this.#gibbs(row, noise, offset);
    else this.#rejection(row, noise, offset);
    return this.#scores;
  }

  #rejection(row: number, noise: Float32Array, offset: number): void {
    const uses = this.#constraints.length + 1;
    for (let attempt = 0; ; attempt++) {
      const at = row * SPAN + attempt * uses;
      const weight = this.#propose(at, noise, offset);
      if (weight >= 1 || this.#stream.preciseUniformAt(at + uses - 1) < weight) return;
    }
  }

  /** Fills scores and noise with a proposal; the result is the probability with which it is to be accepted. */
  #propose(at: number, noise: Float32Array, offset: number): number {
    let weight = 1;
    let cuts = 0;
    this.#constraints.forEach((constraint, k) => {
      const start = this.#factor.rowStart(k);
      const scale = this.#factor.data[start + k]!;
      let mean = 0;
      for (let j = 0; j < k; j++) mean += this.#factor.data[start + j]! * noise[offset + j]!;
      const point = this.#points[k]!;
      if (point === null) {
        const intervals = this.#isFreed(k) ? EVERYTHING : constraint.intervals;
        // What the first cut leaves is the same for every proposal, so it decides nothing.
        if (cuts++ > 0) weight *= massWithin(intervals, { mean, scale }) / this.#most[k]!;
        this.#scores[k] = drawWithin(intervals, { mean, scale }, this.#stream.preciseUniformAt(at + k));
      } else {
        this.#scores[k] = point;
      }
      noise[offset + k] = (this.#scores[k]! - mean) / scale;
    });
    return weight;
  }

  /** Whether another variable's score says that this one's cell is missing. */
  #isFreed(k: number): boolean {
    const { unless } = this.#constraints[k]!;
    return unless !== undefined && this.#scores[this.#gates[k]!]! > unless.above;
  }

  /** What is left to variable k by its own constraint, and by that of one which it must free. */
  #intervalsOf(k: number): readonly ScoreInterval[] {
    if (this.#isFreed(k)) return EVERYTHING;
    const freed = this.#gates.indexOf(k);
    if (freed < 0) return this.#constraints[k]!.intervals;
    const { intervals, unless } = this.#constraints[freed]!;
    const score = this.#scores[freed]!;
    return intervals.some(({ low, high }) => score >= low && score <= high) ? EVERYTHING : [beyond(unless!.above)];
  }

  #acceptance(): number {
    if (this.#constraints.length < 2) return 1;
    const noise = new Float32Array(this.#constraints.length);
    let sum = 0;
    for (let k = 0; k < PILOT_PROPOSALS; k++) sum += this.#propose(k * (noise.length + 1), noise, 0);
    return sum / PILOT_PROPOSALS;
  }

  #gibbs(row: number, noise: Float32Array, offset: number): void {
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
    if (this.#points[k] !== null) return;
    const size = this.#constraints.length;
    const precision = this.#precision[k * size + k]!;
    let mean = 0;
    for (let j = 0; j < size; j++) if (j !== k) mean -= (this.#precision[k * size + j]! * this.#scores[j]!) / precision;
    const scale = 1 / Math.sqrt(precision);
    this.#scores[k] = drawWithin(this.#intervalsOf(k), { mean, scale }, u);
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
