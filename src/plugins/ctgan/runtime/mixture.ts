import { RandomStream } from '../../../core/plugin-api/index.js';
import { digamma } from './digamma.js';
import { type Histogram, histogramOf } from './histogram.js';

/** One-dimensional normal components; weights sum to 1. */
export interface Mixture {
  readonly weights: readonly number[];
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

const MAX_COMPONENTS = 10;
const MIN_WEIGHT = 0.005;
const CONCENTRATION = 0.001;
const CELLS = 2048;
const MAX_ITERATIONS = 100;
/** Of the mean log likelihood of a row, between two iterations. */
const TOLERANCE = 1e-5;

/**
 * A Gaussian mixture with a Dirichlet-process prior on its weights, fitted by variational Bayes (Blei and Jordan 2006;
 * Bishop, "Pattern Recognition and Machine Learning", 10.2). The number of components finds itself: those that the data
 * does not need lose their weight and are left out.
 * @param values without missing ones; none gives an empty mixture. Sorted in place.
 */
export function fitMixture(values: Float64Array, seed: number, purpose: string): Mixture {
  if (values.length === 0) return { weights: [], means: [], deviations: [] };
  values.sort();
  const range = values.at(-1)! - values[0]!;
  if (range === 0) return { weights: [1], means: [values[0]!], deviations: [0] };
  // Standardised, so that priors and tolerances mean the same for every column.
  const origin = values[0]!;
  const histogram = histogramOf(
    values.map((value) => (value - origin) / range),
    CELLS,
  );
  const size = Math.min(MAX_COMPONENTS, histogram.counts.length);
  const components = new VariationalMixture(histogram, size);
  components.start(kMeans(histogram, size, new RandomStream(seed, purpose)));
  components.fit();
  return scaled(components.significant(), origin, range);
}

function scaled({ weights, means, deviations }: Mixture, origin: number, range: number): Mixture {
  return {
    weights,
    means: means.map((mean) => origin + mean * range),
    deviations: deviations.map((deviation) => deviation * range),
  };
}

/** Lloyd's algorithm from k-means++ seeds; the centre of each cell's cluster. */
function kMeans({ counts, means }: Histogram, size: number, random: RandomStream): Int32Array {
  let centres = seedCentres({ counts, means }, size, random);
  const clusters = new Int32Array(means.length);
  for (let iteration = 0; iteration < 20; iteration++) {
    const sums = new Float64Array(size);
    const totals = new Float64Array(size);
    means.forEach((mean, i) => {
      const nearest = nearestIndex(centres, mean);
      clusters[i] = nearest;
      sums[nearest]! += counts[i]! * mean;
      totals[nearest]! += counts[i]!;
    });
    centres = centres.map((centre, k) => (totals[k]! > 0 ? sums[k]! / totals[k]! : centre));
  }
  return clusters;
}

function seedCentres({ counts, means }: Pick<Histogram, 'counts' | 'means'>, size: number, random: RandomStream) {
  const centres: number[] = [];
  const distances = new Float64Array(means.length).fill(1);
  while (centres.length < size) {
    const cumulative = new Float64Array(means.length);
    let total = 0;
    for (let i = 0; i < means.length; i++) cumulative[i] = total += counts[i]! * distances[i]!;
    const point = random.next() * total;
    const chosen =
      means[
        Math.max(
          cumulative.findIndex((sum) => sum > point),
          0,
        )
      ]!;
    centres.push(chosen);
    means.forEach((mean, i) => {
      const distance = (mean - chosen) ** 2;
      if (centres.length === 1 || distance < distances[i]!) distances[i] = distance;
    });
  }
  return centres;
}

function nearestIndex(centres: readonly number[], value: number): number {
  let best = 0;
  for (let k = 1; k < centres.length; k++) {
    if (Math.abs(centres[k]! - value) < Math.abs(centres[best]! - value)) best = k;
  }
  return best;
}

/** The variational posterior of the mixture: one Normal-Gamma a component, one Beta a stick of the Dirichlet process. */
class VariationalMixture {
  readonly #responsibility: Float64Array;
  readonly #priorMean: number;
  readonly #priorVariance: number;
  readonly #counts: Float64Array;
  readonly #precision: Float64Array;
  readonly #freedom: Float64Array;
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;

  constructor(
    private readonly data: Histogram,
    private readonly size: number,
  ) {
    this.#responsibility = new Float64Array(data.counts.length * size);
    [this.#counts, this.#precision, this.#freedom, this.#mean, this.#variance] = Array.from(
      { length: 5 },
      () => new Float64Array(size),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
    const total = data.counts.reduce((sum, n) => sum + n, 0);
    this.#priorMean = data.means.reduce((sum, mean, i) => sum + data.counts[i]! * mean, 0) / total;
    this.#priorVariance =
      data.means.reduce(
        (sum, mean, i) => sum + data.counts[i]! * ((mean - this.#priorMean) ** 2 + data.spreads[i]!),
        0,
      ) / total;
  }

  start(clusters: Int32Array): void {
    clusters.forEach((cluster, i) => (this.#responsibility[i * this.size + cluster] = 1));
    this.#maximise();
  }

  fit(): void {
    let last = -Infinity;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      const likelihood = this.#expect();
      this.#maximise();
      if (Math.abs(likelihood - last) < TOLERANCE) return;
      last = likelihood;
    }
  }

  /** The components of more than {@link MIN_WEIGHT}, by mean. */
  significant(): Mixture {
    const expected = this.#expectedWeights();
    const kept = [...expected.keys()].filter((k) => expected[k]! > MIN_WEIGHT);
    kept.sort((a, b) => this.#mean[a]! - this.#mean[b]!);
    const total = kept.reduce((sum, k) => sum + expected[k]!, 0);
    return {
      weights: kept.map((k) => expected[k]! / total),
      means: kept.map((k) => this.#mean[k]!),
      deviations: kept.map((k) => Math.sqrt(this.#variance[k]!)),
    };
  }

  /** Bishop 10.46 to 10.49; returns the mean log likelihood of a row. */
  #expect(): number {
    const { data, size } = this;
    const constants = this.#logConstants();
    let likelihood = 0;
    let total = 0;
    const logs = new Float64Array(size);
    for (let i = 0; i < data.counts.length; i++) {
      let highest = -Infinity;
      for (let k = 0; k < size; k++) {
        const square = (data.means[i]! - this.#mean[k]!) ** 2 + data.spreads[i]!;
        const value = constants[k]! - (0.5 * square) / this.#variance[k]!;
        logs[k] = value;
        if (value > highest) highest = value;
      }
      let sum = 0;
      for (let k = 0; k < size; k++) sum += logs[k] = Math.exp(logs[k]! - highest);
      for (let k = 0; k < size; k++) this.#responsibility[i * size + k] = logs[k]! / sum;
      likelihood += data.counts[i]! * (highest + Math.log(sum));
      total += data.counts[i]!;
    }
    return likelihood / total;
  }

  /** Everything of a component's log density that does not depend on the value. */
  #logConstants(): Float64Array {
    const constants = new Float64Array(this.size);
    let sticks = 0;
    let after = this.#counts.reduce((sum, n) => sum + n, 0);
    for (let k = 0; k < this.size; k++) {
      after -= this.#counts[k]!;
      const taken = 1 + this.#counts[k]!;
      const left = CONCENTRATION + Math.max(after, 0);
      const both = digamma(taken + left);
      const freedom = this.#freedom[k]!;
      const logPrecision = Math.log(2) + digamma(freedom / 2) - Math.log(freedom) - Math.log(this.#variance[k]!);
      constants[k] =
        sticks + digamma(taken) - both + 0.5 * (logPrecision - 1 / this.#precision[k]! - Math.log(2 * Math.PI));
      sticks += digamma(left) - both;
    }
    return constants;
  }

  /** Bishop 10.51 to 10.63 in one dimension, with prior precision 1 and one degree of freedom. */
  #maximise(): void {
    const { data, size } = this;
    for (let k = 0; k < size; k++) {
      let count = 1e-12;
      let sum = 0;
      for (let i = 0; i < data.counts.length; i++) {
        const share = data.counts[i]! * this.#responsibility[i * size + k]!;
        count += share;
        sum += share * data.means[i]!;
      }
      const mean = sum / count;
      let squares = 0;
      for (let i = 0; i < data.counts.length; i++) {
        const share = data.counts[i]! * this.#responsibility[i * size + k]!;
        squares += share * ((data.means[i]! - mean) ** 2 + data.spreads[i]!);
      }
      const precision = 1 + count;
      const shrinkage = (count / precision) * (mean - this.#priorMean) ** 2;
      this.#counts[k] = count;
      this.#precision[k] = precision;
      this.#freedom[k] = 1 + count;
      this.#mean[k] = (this.#priorMean + count * mean) / precision;
      this.#variance[k] = Math.max((this.#priorVariance + squares + shrinkage) / (1 + count), 1e-12);
    }
  }

  #expectedWeights(): Float64Array {
    const weights = new Float64Array(this.size);
    let rest = 1;
    let after = this.#counts.reduce((sum, n) => sum + n, 0);
    for (let k = 0; k < this.size; k++) {
      after -= this.#counts[k]!;
      const share = (1 + this.#counts[k]!) / (1 + this.#counts[k]! + CONCENTRATION + Math.max(after, 0));
      weights[k] = rest * share;
      rest *= 1 - share;
    }
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total);
  }
}
