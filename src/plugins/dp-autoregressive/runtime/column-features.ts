import type { ColumnCoding } from '../../../core/plugin-api/index.js';

/** Beyond so many, the rarer codes of a column share a feature: their relations to other columns are learned as one. */
const MOST_INDICATORS = 64;
/** Rows that stand for a code whose noisy count is zero. */
const LEAST_MASS = 0.5;

/**
 * What a column's relations to other columns are told by: numbers for each of its codes. Categories have an indicator each,
 * cells of a number line a few waves along it. Every feature has mean 0 and variance 1 under the noisy frequencies.
 */
export interface ColumnFeatures {
  readonly codes: number;
  /** Noisy frequencies of the codes, all above 0. */
  readonly frequencies: Float64Array;
  readonly size: number;
  /** Feature j of code k at k·size + j. */
  readonly values: Float64Array;
  /**
   * What each feature weighs when relations are measured: an indicator its deviation, since what counts is how many rows a
   * relation moves, and a rare category must not make its rows count for much more than others. Waves share a weight of 1.
   */
  readonly weights: Float64Array;
  readonly indicators: Indicators | null;
}

/** For short work where a column's features are indicators. */
export interface Indicators {
  /** By code: its feature. */
  readonly own: Int32Array;
  /** By feature: its value at the codes that do not have it, and how much higher it is at those that do. */
  readonly absent: Float64Array;
  readonly step: Float64Array;
}

export function featuresOf(coding: ColumnCoding, harmonics: number): ColumnFeatures {
  const frequencies = frequenciesOf(coding);
  const ordered = 'cells' in coding.values ? frequencies.length - (coding.missing ? 1 : 0) : 0;
  if (frequencies.length === 1) return standardise(frequencies, [], null);
  if (ordered > harmonics + 1) return standardise(frequencies, wavesWithMissing(frequencies, ordered, harmonics), null);
  const indicator = indicatorsOf(frequencies);
  const count = Math.max(...indicator) + 1;
  const raw = Array.from({ length: count }, (_, j) => Float64Array.from(indicator, (own) => (own === j ? 1 : 0)));
  return standardise(frequencies, raw, indicator);
}

function frequenciesOf({ masses }: ColumnCoding): Float64Array {
  const floored = Float64Array.from(masses, (mass) => Math.max(LEAST_MASS, mass));
  const total = floored.reduce((sum, mass) => sum + mass, 0);
  return floored.map((mass) => mass / total);
}

/** By feature: its value for each code. */
type RawFeatures = readonly Float64Array[];

/** By code: its indicator; the most frequent codes have one each. */
function indicatorsOf(frequencies: Float64Array): Int32Array {
  const order = [...frequencies.keys()].toSorted((a, b) => frequencies[b]! - frequencies[a]!);
  const indicator = new Int32Array(frequencies.length);
  order.forEach((code, rank) => (indicator[code] = Math.min(rank, MOST_INDICATORS - 1)));
  return indicator;
}

function wavesWithMissing(frequencies: Float64Array, ordered: number, harmonics: number): RawFeatures {
  const features: Float64Array[] = wavesOf(frequencies.subarray(0, ordered), harmonics).map((wave) => {
    const padded = new Float64Array(frequencies.length);
    padded.set(wave);
    return padded;
  });
  if (ordered < frequencies.length) features.push(Float64Array.from(frequencies, (_, k) => (k === ordered ? 1 : 0)));
  return features;
}

/** Cosines of rising frequency of the codes' middle ranks, made orthonormal under the frequencies (Gram and Schmidt). */
function wavesOf(frequencies: Float64Array, harmonics: number): Float64Array[] {
  const total = frequencies.reduce((sum, p) => sum + p, 0);
  let below = 0;
  const ranks = frequencies.map((p) => (below += p) / total - p / (2 * total));
  const inner = (a: Float64Array, b: Float64Array): number =>
    frequencies.reduce((sum, p, k) => sum + p * a[k]! * b[k]!, 0) / total;
  const basis: Float64Array[] = [];
  for (let j = 0; j <= harmonics; j++) {
    const wave = ranks.map((rank) => Math.cos(Math.PI * j * rank));
    for (const other of basis) {
      const overlap = inner(wave, other);
      wave.forEach((_, k) => (wave[k]! -= overlap * other[k]!));
    }
    const norm = Math.sqrt(inner(wave, wave));
    // What the earlier waves can tell already is rounding.
    if (norm > 1e-6) basis.push(wave.map((value) => value / norm));
  }
  return basis.slice(1);
}

function standardise(frequencies: Float64Array, raw: RawFeatures, own: Int32Array | null): ColumnFeatures {
  const codes = frequencies.length;
  const size = raw.length;
  const mean = (feature: Float64Array): number => feature.reduce((sum, value, k) => sum + frequencies[k]! * value, 0);
  const means = raw.map(mean);
  const centred = raw.map((feature, j) => feature.map((value) => value - means[j]!));
  const deviations = centred.map((feature) => Math.sqrt(mean(feature.map((value) => value * value))));
  const values = new Float64Array(codes * size);
  centred.forEach((feature, j) => feature.forEach((value, k) => (values[k * size + j] = value / deviations[j]!)));
  // Indicators count as they are; waves together as much as the indicators of many equal categories would.
  const energy = own === null ? Math.hypot(...deviations) : 1;
  const weights = Float64Array.from(deviations, (deviation) => deviation / energy);
  const indicators = own && {
    own,
    absent: Float64Array.from(means, (centre, j) => -centre / deviations[j]!),
    step: Float64Array.from(deviations, (deviation) => 1 / deviation),
  };
  return { codes, frequencies, size, values, weights, indicators };
}
