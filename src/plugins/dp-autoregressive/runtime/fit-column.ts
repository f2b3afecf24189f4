import { minimise, type RunContext } from '../../../core/plugin-api/index.js';
import type { ColumnFeatures } from './column-features.js';
import { ColumnPredictor, effectsOf, type ColumnNetwork } from './column-network.js';
import type { Relation } from './relations.js';

/** Numbers that a pass over the rows works on at most: so that a column of thousands of codes does not hold everything up. */
const MOST_WORK = 2 ** 22;
const FEWEST_ROWS = 512;
/** Standard deviation of weights, as believed beforehand: relations are mostly weak. */
const PRIOR_DEVIATION = 0.3;
/** Keeps weights finite where the relations ask for certainty. */
const LEAST_PENALTY = 1e-4;
const TOLERANCE = 1e-5;
/** Last rounds that set the bias alone. */
const MARGINAL_ROUNDS = 8;
/** Most that a bias is moved by in a round, and least rows that a code is taken to be expected in: codes may be all but ruled out. */
const LARGEST_CHANGE = 3;
const LEAST_EXPECTED = 1e-9;

/**
 * Fits a column's network so that over generated rows of the columns before it the expected products of features are those
 * that were measured: the softmax regression that is most likely under the measured relations. A weight is held back by the
 * variance of the noise that its relation was measured with, as if weights were normal beforehand.
 * @param rows by earlier column: its codes in generated rows. @param steps of the minimisation at most.
 */
export async function fitColumn(
  features: ColumnFeatures,
  earlier: readonly ColumnFeatures[],
  relations: readonly Relation[],
  rows: readonly Uint16Array[],
  steps: number,
  { tick }: Pick<RunContext, 'tick'>,
): Promise<ColumnNetwork> {
  const fit = new ColumnFit(features, earlier, relations, rows);
  const parameters = new Float64Array(fit.parameterCount);
  if (features.size > 0 && earlier.length > 0) {
    await minimise((x, gradient) => fit.loss(x, gradient), parameters, {
      iterations: steps,
      tolerance: TOLERANCE,
      tick,
    });
  }
  const network = fit.network(parameters);
  for (let round = 0; round < MARGINAL_ROUNDS && earlier.length > 0; round++) {
    await tick();
    fit.meetFrequencies(network);
  }
  return network;
}

class ColumnFit {
  readonly #rowCount: number;
  readonly #effects: readonly Float64Array[];
  /** By earlier column and code: sum of expected features. */
  readonly #expected: readonly Float64Array[];
  /** Changes of the bias are counted in units of it, so that rare codes are not slower to learn. */
  readonly #biasUnits: Float64Array;

  constructor(
    private readonly features: ColumnFeatures,
    private readonly earlier: readonly ColumnFeatures[],
    private readonly relations: readonly Relation[],
    private readonly rows: readonly Uint16Array[],
  ) {
    const affordable = Math.max(FEWEST_ROWS, Math.floor(MOST_WORK / features.codes));
    this.#rowCount = Math.min(rows[0]?.length ?? 0, affordable);
    this.#effects = earlier.map(({ codes }) => new Float64Array(codes * features.size));
    this.#expected = earlier.map(({ codes }) => new Float64Array(codes * features.size));
    this.#biasUnits = features.frequencies.map((p) => 1 / Math.sqrt(p));
  }

  get parameterCount(): number {
    return this.features.codes + this.earlier.reduce((sum, { size }) => sum + size * this.features.size, 0);
  }

  /** Parameters: changes of the bias, then the weights from each earlier column. */
  network(parameters: Float64Array): ColumnNetwork {
    const { codes, size, frequencies } = this.features;
    const bias = frequencies.map((p, k) => Math.log(p) + parameters[k]! * this.#biasUnits[k]!);
    let at = codes;
    const weights = this.earlier.map((column) => parameters.slice(at, (at += column.size * size)));
    return { bias, weights };
  }

  /** Minus the log likelihood of a row, on average, with the penalty; and its gradient. */
  loss(parameters: Float64Array, gradient: Float64Array): number {
    const network = this.network(parameters);
    gradient.fill(0);
    const loss = this.#lossOfRows(network, gradient);
    return loss + this.#lossOfRelations(network, gradient);
  }

  #lossOfRows({ bias, weights }: ColumnNetwork, gradient: Float64Array): number {
    const { codes, size, frequencies } = this.features;
    const predictor = this.#predictor(bias, weights);
    const shares = new Float64Array(codes);
    const expected = new Float64Array(size);
    for (const sums of this.#expected) sums.fill(0);
    let sum = 0;
    for (let row = 0; row < this.#rowCount; row++) {
      sum += predictor.predict(this.rows, row, shares);
      for (let k = 0; k < codes; k++) gradient[k]! += shares[k]!;
      predictor.expect(shares, expected);
      for (let c = 0; c < this.#expected.length; c++) {
        const sums = this.#expected[c]!;
        const at = this.rows[c]![row]! * size;
        for (let k = 0; k < size; k++) sums[at + k]! += expected[k]!;
      }
    }
    let loss = sum / this.#rowCount;
    for (let k = 0; k < codes; k++) {
      loss -= frequencies[k]! * bias[k]!;
      gradient[k] = (gradient[k]! / this.#rowCount - frequencies[k]!) * this.#biasUnits[k]!;
    }
    return loss;
  }

  #lossOfRelations({ weights }: ColumnNetwork, gradient: Float64Array): number {
    const { codes, size } = this.features;
    let loss = 0;
    let at = codes;
    this.earlier.forEach((column, c) => {
      const { products, deviations } = this.relations[c]!;
      const own = gradient.subarray(at, (at += column.size * size));
      productsOver(column, size, this.#expected[c]!, own);
      own.forEach((product, i) => {
        const weight = weights[c]![i]!;
        const penalty = LEAST_PENALTY + (deviations[i]! / PRIOR_DEVIATION) ** 2;
        loss += 0.5 * penalty * weight * weight - products[i]! * weight;
        own[i] = product / this.#rowCount - products[i]! + penalty * weight;
      });
    });
    return loss;
  }

  /** Changes the bias towards the noisy frequencies: one round of iterative proportional fitting. */
  meetFrequencies({ bias, weights }: ColumnNetwork): void {
    const { codes, frequencies } = this.features;
    const predictor = this.#predictor(bias, weights);
    const shares = new Float64Array(codes);
    const sums = new Float64Array(codes);
    for (let row = 0; row < this.#rowCount; row++) {
      predictor.predict(this.rows, row, shares);
      for (let k = 0; k < codes; k++) sums[k]! += shares[k]!;
    }
    for (let k = 0; k < codes; k++) {
      const change = Math.log((frequencies[k]! * this.#rowCount) / Math.max(LEAST_EXPECTED, sums[k]!));
      bias[k]! += Math.max(-LARGEST_CHANGE, Math.min(LARGEST_CHANGE, change));
    }
  }

  #predictor(bias: Float64Array, weights: readonly Float64Array[]): ColumnPredictor {
    this.earlier.forEach((column, c) => effectsOf(column, this.features.size, weights[c]!, this.#effects[c]!));
    return new ColumnPredictor(this.features, bias, this.#effects);
  }
}

/** Sums over codes of a column's features times what was summed for each code. */
function productsOver(
  { codes, size, values }: ColumnFeatures,
  width: number,
  byCode: Float64Array,
  out: Float64Array,
): void {
  for (let code = 0; code < codes; code++) {
    for (let j = 0; j < size; j++) {
      const value = values[code * size + j]!;
      for (let k = 0; k < width; k++) out[j * width + k]! += value * byCode[code * width + k]!;
    }
  }
}
