import {
  GaussianRelease,
  NO_CODE,
  type NoiseSource,
  type RunContext,
  type TableCodes,
} from '../../../core/plugin-api/index.js';
import type { ColumnFeatures } from './column-features.js';
import { shrinkSingularValues } from './shrink-singular-values.js';

/** How the features of two columns go together in a row, on average: the expectation of their products. */
export interface Relation {
  /** Feature j of the earlier column and k of the later one at j·size + k, size that of the later one. */
  readonly products: Float64Array;
  /** Standard deviation of the noise that was on each of them. */
  readonly deviations: Float64Array;
}

/** By later column, then by earlier column. */
export type Relations = readonly (readonly Relation[])[];

export interface RelationsPlan {
  /** Most that a row counts, in units of what an average row is expected to. */
  readonly clipNorm: number;
  /** Standard deviation of the noise over the most that a row counts. */
  readonly noiseMultiplier: number;
  /** Noisy, or declared. */
  readonly rowCount: number;
}

/** Numbers that {@link measureRelations} will release. */
export function relationCount(features: readonly ColumnFeatures[]): number {
  const sizes = features.map(({ size }) => size);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return (sum * sum - sizes.reduce((total, size) => total + size * size, 0)) / 2;
}

/**
 * Measures the relations of all pairs of columns at once by the Gaussian mechanism. A row counts as the products of its
 * weighted features over all pairs, one vector, scaled down where it is longer than the plan allows. The noise is then taken
 * off as far as it can be: relations are few patterns for each pair, noise is spread over all.
 */
export async function measureRelations(
  table: TableCodes,
  features: readonly ColumnFeatures[],
  { clipNorm, noiseMultiplier, rowCount }: RelationsPlan,
  source: NoiseSource,
  { tick }: Pick<RunContext, 'tick'>,
): Promise<Relations> {
  const sensitivity = clipNorm * expectedNorm(features);
  const scales = rowScales(table, features, sensitivity);
  const mechanism = new GaussianRelease(sensitivity, noiseMultiplier, relationCount(features));
  const relations: Relation[][] = [];
  for (const [later, { size, weights }] of features.entries()) {
    const own: Relation[] = [];
    for (const [earlier, other] of features.slice(0, later).entries()) {
      await tick();
      const sums = weightedSums(table, features, earlier, later, scales);
      const noisy = mechanism.release(sums, source);
      const clean = shrinkSingularValues(noisy, other.size, size, mechanism.deviation);
      const unweighted = (at: number): number => rowCount * other.weights[Math.floor(at / size)]! * weights[at % size]!;
      own.push({
        products: clean.map((sum, at) => sum / unweighted(at)),
        deviations: clean.map((_, at) => mechanism.deviation / unweighted(at)),
      });
    }
    relations.push(own);
  }
  return relations;
}

/** Root of the mean square norm of a row whose columns are independent. */
function expectedNorm(features: readonly ColumnFeatures[]): number {
  const energies = features.map(({ weights }) => weights.reduce((sum, weight) => sum + weight * weight, 0));
  const sum = energies.reduce((total, energy) => total + energy, 0);
  return Math.sqrt((sum * sum - energies.reduce((total, energy) => total + energy * energy, 0)) / 2);
}

/** By row: the factor that brings its vector to the allowed norm, at most 1. */
function rowScales({ codes, columnCount, rowCount }: TableCodes, features: readonly ColumnFeatures[], most: number) {
  const energies = features.map(energiesOf);
  return Float64Array.from({ length: rowCount }, (_, row) => {
    let sum = 0;
    let squares = 0;
    for (let c = 0; c < columnCount; c++) {
      const code = codes[row * columnCount + c]!;
      if (code === NO_CODE) continue;
      const energy = energies[c]![code]!;
      sum += energy;
      squares += energy * energy;
    }
    // The squared norm of all products is the sum over pairs of the products of energies.
    return Math.min(1, most / Math.sqrt(Math.max(1e-12, (sum * sum - squares) / 2)));
  });
}

/** By code: the squared norm of its weighted features. */
function energiesOf({ codes, size, values, weights }: ColumnFeatures): Float64Array {
  return Float64Array.from({ length: codes }, (_, k) => {
    let energy = 0;
    for (let j = 0; j < size; j++) energy += (weights[j]! * values[k * size + j]!) ** 2;
    return energy;
  });
}

/** Sums over the rows of the products of weighted features. */
function weightedSums(
  { codes, columnCount, rowCount }: TableCodes,
  features: readonly ColumnFeatures[],
  earlier: number,
  later: number,
  scales: Float64Array,
): Float64Array {
  const [a, b] = [features[earlier]!, features[later]!];
  // First the sum of the earlier column's features for each code of the later one.
  const byCode = new Float64Array(b.codes * a.size);
  for (let row = 0; row < rowCount; row++) {
    const [code, other] = [codes[row * columnCount + earlier]!, codes[row * columnCount + later]!];
    if (code === NO_CODE || other === NO_CODE) continue;
    const scale = scales[row]!;
    for (let j = 0; j < a.size; j++) byCode[other * a.size + j]! += scale * a.values[code * a.size + j]!;
  }
  const sums = new Float64Array(a.size * b.size);
  for (let code = 0; code < b.codes; code++) {
    for (let j = 0; j < a.size; j++) {
      const weighted = a.weights[j]! * byCode[code * a.size + j]!;
      for (let k = 0; k < b.size; k++) sums[j * b.size + k]! += weighted * b.weights[k]! * b.values[code * b.size + k]!;
    }
  }
  return sums;
}
