import { fourierTransform, powerInPlace } from './fft.js';
import type { LossPair } from './loss-pair.js';

/** The privacy loss of several mechanisms together, under P, on a grid. */
export interface ComposedLoss {
  readonly interval: number;
  readonly first: number;
  readonly masses: Float64Array;
  readonly infinite: number;
}

export interface PairRuns {
  readonly pair: LossPair;
  readonly count: number;
}

/** Mass of either tail that is cut off, and counted as full disclosure. */
const CUT_TAIL = 1e-15;

/**
 * Adds up independent privacy losses by fast Fourier transform over a window that all but {@link CUT_TAIL} of the sum falls
 * into (Gopi, Lee and Wutschitz, "Numerical composition of differential privacy", arXiv 2106.02848; the window by Chernoff's
 * bound). Gives one sum for each of `directions`, to which the `shared` runs all belong.
 */
export function compose(shared: readonly PairRuns[], directions: readonly (readonly PairRuns[])[]): ComposedLoss[] {
  const all = directions.map((runs) => [...shared, ...runs]);
  const { interval } = all[0]![0]!.pair;
  const lowest = Math.min(...all.map((runs) => Math.floor(chernoffBound(runs, -1) / interval)));
  const highest = Math.max(...all.map((runs) => Math.ceil(chernoffBound(runs, 1) / interval)));
  const size = 2 ** Math.ceil(Math.log2(highest - lowest + 2));
  const common = new Spectrum(size);
  for (const run of shared) common.multiplyBy(run);
  return directions.map((runs, direction) => {
    const spectrum = common.copy();
    for (const run of runs) spectrum.multiplyBy(run);
    const { real } = spectrum.inverse();
    const masses = Float64Array.from({ length: size }, (_, i) => Math.max(0, real[wrap(lowest + i, size)]!));
    return { interval, first: lowest, masses, infinite: infiniteMass(all[direction]!) + 2 * CUT_TAIL };
  });
}

/** 1 − Π (1 − infinite part)^count, for tiny parts too. */
function infiniteMass(runs: readonly PairRuns[]): number {
  return -Math.expm1(runs.reduce((sum, { pair, count }) => sum + count * Math.log1p(-pair.infiniteP), 0));
}

/** The Fourier transform of a distribution on a circle of grid points; at first of a sure loss of 0. */
class Spectrum {
  constructor(
    size: number,
    readonly real = new Float64Array(size).fill(1),
    readonly imaginary = new Float64Array(size),
  ) {}

  copy(): Spectrum {
    return new Spectrum(this.real.length, this.real.slice(), this.imaginary.slice());
  }

  multiplyBy({ pair, count }: PairRuns): void {
    const { real, imaginary } = this;
    const size = real.length;
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    for (let i = 0; i < pair.p.length; i++) re[wrap(pair.first + i, size)]! += pair.p[i]!;
    fourierTransform(re, im);
    powerInPlace(re, im, count);
    for (let k = 0; k < size; k++) {
      const product = real[k]! * re[k]! - imaginary[k]! * im[k]!;
      imaginary[k] = real[k]! * im[k]! + imaginary[k]! * re[k]!;
      real[k] = product;
    }
  }

  inverse(): Spectrum {
    fourierTransform(this.real, this.imaginary, true);
    return this;
  }
}

function wrap(index: number, size: number): number {
  return ((index % size) + size) % size;
}

/** A loss that the sum passes (upwards for `side` 1, downwards for −1) with probability at most {@link CUT_TAIL}. */
function chernoffBound(runs: readonly PairRuns[], side: 1 | -1): number {
  const bound = (logLambda: number): number => {
    const lambda = Math.exp(logLambda);
    const moment = runs.reduce((sum, { pair, count }) => sum + count * logMoment(pair, side * lambda), 0);
    return (moment - Math.log(CUT_TAIL)) / lambda;
  };
  return side * Math.min(...bestOnLine(bound, Math.log(1e-2), Math.log(1e4)), supportEnd(runs, side));
}

/** The furthest that the sum can go at all. */
function supportEnd(runs: readonly PairRuns[], side: 1 | -1): number {
  return runs.reduce((sum, { pair: { first, p, interval }, count }) => {
    const end = side === 1 ? first + p.length - 1 : first;
    return sum + side * end * interval * count;
  }, 0);
}

/** Values near the least of a function with one valley, by golden section. */
function bestOnLine(f: (x: number) => number, low: number, high: number): [number, number] {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let step = 0; step < 14; step++) {
    if (atLeft < atRight) {
      high = right;
      [right, atRight] = [left, atLeft];
      left = high - golden * (high - low);
      atLeft = f(left);
    } else {
      low = left;
      [left, atLeft] = [right, atRight];
      right = low + golden * (high - low);
      atRight = f(right);
    }
  }
  return [atLeft, atRight];
}

/** ln Σ p·e^{λ·loss}. */
function logMoment({ first, p, interval }: LossPair, lambda: number): number {
  const end = lambda > 0 ? first + p.length - 1 : first;
  const shift = lambda * interval * end;
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i]! > 0) sum += p[i]! * Math.exp(lambda * interval * (first + i) - shift);
  return Math.log(sum) + shift;
}
