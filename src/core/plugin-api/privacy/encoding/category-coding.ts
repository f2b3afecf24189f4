import type { CodedColumn, ColumnSchema } from '../../tables.js';
import type { ColumnCoding } from './column-coding.js';
import { consistentCounts } from './noisy-counts.js';
import { NOISE_QUANTILE, type NoisyAnswers } from './query.js';

/**
 * Categories with noisy counts. Declared ones are all kept. Others are kept where their noisy count reaches `threshold`, which
 * a category of one row does with a probability that the ledger knows: that somebody's rare value exists at all is a secret.
 */
export function fitCategories(
  schema: ColumnSchema,
  column: CodedColumn,
  answers: NoisyAnswers,
  threshold: number,
  rowCount: number,
): ColumnCoding {
  const { names, counts, missing } = countCategories(schema, column);
  const noisy = answers.ask('counts', [...counts, missing]);
  const kept = names.map((_, i) => i).filter((i) => schema.categories || (counts[i]! > 0 && noisy[i]! >= threshold));
  // The order of the dictionary is that of the rows: it must not show.
  kept.sort((a, b) => noisy[b]! - noisy[a]! || (names[a]! < names[b]! ? -1 : 1));
  const missingMass = noisy[names.length]!;
  const isMissing = schema.nullable && missingMass >= NOISE_QUANTILE * answers.sigma('counts');
  const hasMissing = kept.length === 0 || isMissing;
  const masses = consistentCounts([...kept.map((i) => noisy[i]!), ...(hasMissing ? [missingMass] : [])], rowCount);
  return {
    name: schema.name,
    kind: schema.kind,
    masses: [...masses],
    missing: hasMissing,
    values: { categories: kept.map((i) => names[i]!) },
  };
}

function countCategories(schema: ColumnSchema, { codes, dictionary }: CodedColumn) {
  const names = schema.categories ?? dictionary;
  const position = new Map(names.map((name, i) => [name, i]));
  const target = dictionary.map((name) => position.get(name) ?? -1);
  const counts = new Float64Array(names.length);
  let missing = 0;
  for (const code of codes) {
    if (code < 0) missing++;
    else if (target[code]! >= 0) counts[target[code]!]!++;
  }
  return { names, counts, missing };
}
