import { RandomStream, type RunContext } from '../../../core/plugin-api/index.js';
import { cholesky } from './cholesky.js';
import type { Constraint } from './conditions.js';
import { ConstrainedScores, proposalOrder } from './constrained-scores.js';
import type { CopulaModel } from './copula-model.js';
import type { PackedMatrix } from './packed-matrix.js';

/**
 * Correlated normal scores by row: each row depends on its own index alone, so that rows can be made in chunks of any size.
 * Scores of dimension d are scores[d·capacity … d·capacity + rows).
 */
export class ScoreSource {
  readonly scores: Float64Array;
  readonly capacity: number;
  readonly #order: readonly number[];
  readonly #factor: PackedMatrix;
  readonly #constrained: ConstrainedScores | null;
  readonly #constraintCount: number;
  readonly #stream: RandomStream;
  readonly #noise: Float32Array;

  private constructor(
    order: readonly number[],
    factor: PackedMatrix,
    constraints: readonly Constraint[],
    seed: number,
    capacity: number,
  ) {
    this.capacity = capacity;
    this.scores = new Float64Array(order.length * capacity);
    this.#noise = new Float32Array(order.length * capacity);
    this.#order = order;
    this.#factor = factor;
    this.#constraintCount = constraints.length;
    this.#constrained = constraints.length > 0 ? new ConstrainedScores(constraints, factor, seed) : null;
    this.#stream = new RandomStream(seed, 'sample.noise');
  }

  static async create(
    { dimensions, correlation, factor }: CopulaModel,
    constraints: readonly Constraint[],
    capacity: number,
    context: RunContext,
  ): Promise<ScoreSource> {
    const natural = dimensions.map((_, d) => d);
    if (constraints.length === 0) return new ScoreSource(natural, factor, [], context.seed, capacity);
    const ordered = proposalOrder(constraints);
    const held = ordered.map(({ dimension }) => dimension);
    const order = [...held, ...natural.filter((d) => !held.includes(d))];
    const permuted = await cholesky(correlation.permuted(order), context);
    if (!permuted) throw new Error('The correlation matrix of the model is not positive definite');
    return new ScoreSource(order, permuted, ordered, context.seed, capacity);
  }

  /** True where rows follow the conditions' distribution only nearly. */
  get approximate(): boolean {
    return this.#constrained?.approximate ?? false;
  }

  /** Makes the scores of the rows first … first + rows − 1. */
  fill(first: number, rows: number): void {
    const size = this.#order.length;
    this.#stream.fillNormal(this.#noise.subarray(0, rows * size), first * size);
    this.#fillConstrained(first, rows);
    for (let i = this.#constraintCount; i < size; i++) this.#multiply(i, rows);
  }

  #fillConstrained(first: number, rows: number): void {
    if (!this.#constrained) return;
    for (let r = 0; r < rows; r++) {
      const drawn = this.#constrained.draw(first + r, this.#noise, r * this.#order.length);
      for (let k = 0; k < this.#constraintCount; k++) this.scores[this.#order[k]! * this.capacity + r] = drawn[k]!;
    }
  }

  /** Row i of the factor times the noise of each row, four rows at a time: each sum is taken in the same order, always. */
  #multiply(i: number, rows: number): void {
    const [scores, noise, factor] = [this.scores, this.#noise, this.#factor.data];
    const size = this.#order.length;
    const start = this.#factor.rowStart(i);
    const target = this.#order[i]! * this.capacity;
    let r = 0;
    for (; r + 3 < rows; r += 4) {
      let [a, b, c, d] = [0, 0, 0, 0];
      const at = r * size;
      for (let k = 0; k <= i; k++) {
        const weight = factor[start + k]!;
        a += weight * noise[at + k]!;
        b += weight * noise[at + size + k]!;
        c += weight * noise[at + 2 * size + k]!;
        d += weight * noise[at + 3 * size + k]!;
      }
      scores[target + r] = a;
      scores[target + r + 1] = b;
      scores[target + r + 2] = c;
      scores[target + r + 3] = d;
    }
    for (; r < rows; r++) {
      let sum = 0;
      for (let k = 0; k <= i; k++) sum += factor[start + k]! * noise[r * size + k]!;
      scores[target + r] = sum;
    }
  }
}
