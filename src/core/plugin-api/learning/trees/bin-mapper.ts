import { RandomStream } from '../../random.js';
import { type CategoryFeature, type Feature, type FeatureTable, isCategory, type NumberFeature } from '../features.js';

/** Bins of values or categories: 0 … 254. */
export const MAXIMUM_BINS = 255;
export const MISSING_BIN = 255;
/** Values beyond this many are sampled for the edges. */
const EDGE_SAMPLE = 200_000;

/** Features as one byte a cell; bin {@link MISSING_BIN} is missing. */
export interface BinnedTable {
  readonly rowCount: number;
  readonly bins: readonly Uint8Array[];
  /** Bins in use, the missing one not counted. */
  readonly binCounts: readonly number[];
  readonly ordered: readonly boolean[];
}

/** The table with these of its features alone. */
export function someFeatures({ rowCount, bins, binCounts, ordered }: BinnedTable, chosen: Uint32Array): BinnedTable {
  const take = <T>(of: readonly T[]) => Array.from(chosen, (feature) => of[feature]!);
  return { rowCount, bins: take(bins), binCounts: take(binCounts), ordered: take(ordered) };
}

/** Cuts the features of any table the way the training rows were cut. */
export class BinMapper {
  readonly #mappers: readonly FeatureMapper[];

  constructor(table: FeatureTable, seed: number) {
    this.#mappers = table.features.map((feature, index) =>
      isCategory(feature) ? new CategoryMapper(feature) : new NumberMapper(feature, seed, index),
    );
  }

  apply({ rowCount, features }: FeatureTable): BinnedTable {
    return {
      rowCount,
      bins: this.#mappers.map((mapper, index) => mapper.apply(features[index]!)),
      binCounts: this.#mappers.map(({ binCount }) => binCount),
      ordered: this.#mappers.map(({ ordered }) => ordered),
    };
  }
}

interface FeatureMapper {
  readonly binCount: number;
  readonly ordered: boolean;
  apply(feature: Feature): Uint8Array;
}

class NumberMapper implements FeatureMapper {
  readonly ordered = true;
  /** A value goes into the bin of the first edge at or above it. */
  readonly #edges: Float64Array;

  constructor({ values }: NumberFeature, seed: number, index: number) {
    this.#edges = edgesOf(sampleSorted(values, seed, index));
  }

  get binCount(): number {
    return this.#edges.length + 1;
  }

  apply(feature: Feature): Uint8Array {
    if (isCategory(feature)) throw new TypeError('Trained on numbers, given categories');
    const edges = this.#edges;
    const bins = new Uint8Array(feature.values.length);
    for (let row = 0; row < bins.length; row++) {
      const value = feature.values[row]!;
      bins[row] = Number.isNaN(value) ? MISSING_BIN : countBelow(edges, value);
    }
    return bins;
  }
}

function sampleSorted(values: Float64Array, seed: number, index: number): Float64Array {
  const present = values.filter((value) => !Number.isNaN(value));
  if (present.length <= EDGE_SAMPLE) return present.toSorted();
  const stream = new RandomStream(seed, `learning.edges.${index}`);
  return Float64Array.from({ length: EDGE_SAMPLE }, () => present[stream.nextInteger(present.length)]!).toSorted();
}

/** Between all distinct values where they are few, else at quantiles. */
function edgesOf(sorted: Float64Array): Float64Array {
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (distinct.length <= MAXIMUM_BINS) return distinct.slice(1).map((value, i) => middle(distinct[i]!, value));
  const edges = new Set<number>();
  for (let i = 1; i < MAXIMUM_BINS; i++) {
    const position = ((sorted.length - 1) * i) / MAXIMUM_BINS;
    edges.add(middle(sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!));
  }
  // The greatest value as an edge would leave the bin above it empty.
  edges.delete(sorted[sorted.length - 1]!);
  return Float64Array.from(edges).toSorted();
}

function middle(low: number, high: number): number {
  const between = low / 2 + high / 2;
  return between < high ? between : low;
}

function countBelow(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middleEdge = (low + high) >>> 1;
    if (edges[middleEdge]! < value) low = middleEdge + 1;
    else high = middleEdge;
  }
  return low;
}

/** One bin a category; of more than there are bins, the rarest share the last. What training never held is missing. */
class CategoryMapper implements FeatureMapper {
  readonly ordered = false;
  readonly binCount: number;
  readonly #binOfCode: Uint8Array;

  constructor({ codes, categoryCount }: CategoryFeature) {
    const counts = new Float64Array(categoryCount);
    for (const code of codes) if (code >= 0) counts[code]!++;
    const present = [...counts.keys()].filter((code) => counts[code]! > 0);
    if (present.length > MAXIMUM_BINS) present.sort((a, b) => counts[b]! - counts[a]! || a - b);
    this.binCount = Math.min(present.length, MAXIMUM_BINS);
    this.#binOfCode = new Uint8Array(categoryCount).fill(MISSING_BIN);
    present.forEach((code, rank) => (this.#binOfCode[code] = Math.min(rank, MAXIMUM_BINS - 1)));
  }

  apply(feature: Feature): Uint8Array {
    if (!isCategory(feature)) throw new TypeError('Trained on categories, given numbers');
    const table = this.#binOfCode;
    const bins = new Uint8Array(feature.codes.length);
    for (let row = 0; row < bins.length; row++) {
      const code = feature.codes[row]!;
      bins[row] = code >= 0 && code < table.length ? table[code]! : MISSING_BIN;
    }
    return bins;
  }
}
