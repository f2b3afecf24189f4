import {
  cryptographicNoise,
  GaussianRelease,
  leastNoise,
  type ColumnCoding,
  type PrivacySpent,
  type TableCodes,
} from '../../src/core/plugin-api/index.js';
import { featuresOf, type ColumnFeatures } from '../../src/plugins/dp-autoregressive/runtime/column-features.js';
import { measureRelations } from '../../src/plugins/dp-autoregressive/runtime/relations.js';
import { CANARIES, GUESSES, tossCoins } from './canaries.js';
import { guess, type AuditOutcome } from './one-run-bound.js';

export type RelationsSabotage = 'none' | 'no noise';

/** Categories of either of two columns: more pairs of them than there are canaries. */
const CATEGORIES = 32;

/**
 * Audits the relations as they are released, before any noise is taken off again: every canary row has a pair of categories of
 * its own, and counts as much as a row may.
 */
export async function auditRelations(budget: PrivacySpent, sabotage: RelationsSabotage): Promise<AuditOutcome> {
  const features = [featuresOf(uniformColumn('a'), 1), featuresOf(uniformColumn('b'), 1)] as const;
  const included = tossCoins();
  const noiseMultiplier = await leastNoise(budget, [], (scale) => [
    { mechanism: { type: 'gaussian', noiseMultiplier: scale }, count: 1 },
  ]);
  const released: Float64Array[] = [];
  const { release } = GaussianRelease.prototype;
  GaussianRelease.prototype.release = function (this: GaussianRelease, values, source) {
    released.push(sabotage === 'no noise' ? Float64Array.from(values) : release.call(this, values, source));
    return released.at(-1)!;
  };
  try {
    const plan = { clipNorm: 1, noiseMultiplier, rowCount: CANARIES / 2 };
    await measureRelations(tableOf(included), features, plan, cryptographicNoise(), { tick: async () => undefined });
  } finally {
    GaussianRelease.prototype.release = release;
  }
  const scores = Array.from({ length: CANARIES }, (_, i) => scoreOf(i, features, released[0]!));
  return guess(scores, included, GUESSES);
}

function uniformColumn(name: string): ColumnCoding {
  const categories = Array.from({ length: CATEGORIES }, (_, k) => `${name}${k}`);
  return { name, kind: 'categorical', masses: categories.map(() => 1), missing: false, values: { categories } };
}

const codesOf = (canary: number) => [Math.floor(canary / CATEGORIES), canary % CATEGORIES] as const;

function tableOf(included: readonly boolean[]): TableCodes {
  const codes = Uint16Array.from([...included.keys()].filter((i) => included[i]).flatMap(codesOf));
  return { rowCount: codes.length / 2, columnCount: 2, codes };
}

/** What is released along the direction in which the canary would have moved it. */
function scoreOf(canary: number, [a, b]: readonly [ColumnFeatures, ColumnFeatures], released: Float64Array): number {
  const [first, second] = codesOf(canary);
  let score = 0;
  for (let j = 0; j < a.size; j++) {
    for (let k = 0; k < b.size; k++) {
      const [x, y] = [a.values[first * a.size + j]! * a.weights[j]!, b.values[second * b.size + k]! * b.weights[k]!];
      score += x * y * released[j * b.size + k]!;
    }
  }
  return score;
}
