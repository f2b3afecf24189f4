import { DiscreteGaussian } from './discrete-noise.js';
import type { NoiseSource } from './noise-source.js';

/** Deviation of the noise in steps of the grid: a power of two below the sampler's largest. */
const SIGMA_STEPS = 2 ** 16;

/**
 * The Gaussian mechanism for real numbers, in integer arithmetic: the values are rounded to a grid, and the grid's noise is
 * drawn exactly. One row must move them by at most `sensitivity` in Euclidean norm; rounding can add a step for each value,
 * which is reckoned in. At such a deviation the privacy loss of the discrete Gaussian is that of the normal distribution up to
 * e^(−2π²·2³²) (Canonne, Kamath and Steinke, arXiv 2004.00010), so it is charged as `gaussian` with the noise multiplier.
 */
export class GaussianRelease {
  /** Standard deviation of the noise on each value. */
  readonly deviation: number;
  readonly #step: number;
  readonly #noise = new DiscreteGaussian(SIGMA_STEPS);

  /** @param count of all values that are released together. */
  constructor(sensitivity: number, noiseMultiplier: number, count: number) {
    const stepsOfSensitivity = SIGMA_STEPS / noiseMultiplier - Math.sqrt(count);
    if (!(stepsOfSensitivity > 0)) {
      throw new RangeError(`${count} values cannot be released together with a noise multiplier of ${noiseMultiplier}`);
    }
    this.#step = sensitivity / stepsOfSensitivity;
    this.deviation = SIGMA_STEPS * this.#step;
  }

  release(values: ArrayLike<number>, source: NoiseSource): Float64Array {
    return Float64Array.from(values, (value) => {
      return (Math.round(value / this.#step) + this.#noise.draw(source)) * this.#step;
    });
  }
}
