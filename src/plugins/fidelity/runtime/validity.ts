import { knownScore, type MetricSubject, type Score, unknownScore } from '../../../core/plugin-api/index.js';
import { columnNamed } from './column-comparison.js';
import type { LabelColumn, NumberColumn, StoredTable } from './stored-table.js';

/**
 * Share of valid values of a column: within the real range, among the real categories, or not repeated (identifiers).
 * A missing value is valid where the real column has any. Null for free text, which has no rule.
 */
export function validityScore(
  real: StoredTable,
  index: number,
  other: StoredTable,
  subject: MetricSubject,
): Score | null {
  const { name, kind } = real.schema.columns[index]!;
  if (kind === 'text') return null;
  const column = real.columns[index]!;
  const compared = columnNamed(other, name);
  if (compared === undefined) return unknownScore(`The ${subject} rows have no column "${name}"`);
  if (compared.role !== column.role) return unknownScore(`Column "${name}" is of another kind in the ${subject} rows`);
  if (other.rowCount === 0) return unknownScore('There are no rows');
  if (column.role === 'number') return withinRange(column, compared as NumberColumn, name);
  if (column.role === 'key') return knownScore(uniqueShare(compared as LabelColumn));
  return knownScore(knownShare(column, compared as LabelColumn));
}

function withinRange(real: NumberColumn, other: NumberColumn, name: string): Score {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let nullable = false;
  for (let i = 0; i < real.values.length; i++) {
    const value = real.values[i]!;
    if (Number.isNaN(value)) nullable = true;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  let valid = 0;
  let judged = 0;
  for (let i = 0; i < other.values.length; i++) {
    const value = other.values[i]!;
    if (nullable && Number.isNaN(value)) continue;
    judged++;
    if (value >= minimum && value <= maximum) valid++;
  }
  return judged === 0 ? unknownScore(`Column "${name}" has no value in the compared rows`) : knownScore(valid / judged);
}

function knownShare(real: LabelColumn, other: LabelColumn): number {
  const seen = new Set<string | undefined>();
  // A missing cell looks up code −1, which no dictionary has: undefined stands for it on both sides.
  for (const code of real.codes) seen.add(real.dictionary[code]);
  const validCode = other.dictionary.map((text) => seen.has(text));
  const missingValid = seen.has(undefined);
  let valid = 0;
  for (const code of other.codes) if (code < 0 ? missingValid : validCode[code]!) valid++;
  return valid / other.codes.length;
}

function uniqueShare({ codes, dictionary }: LabelColumn): number {
  const seen = new Uint8Array(dictionary.length);
  let unique = 0;
  for (const code of codes) {
    if (code < 0 || seen[code] === 1) continue;
    seen[code] = 1;
    unique++;
  }
  return unique / codes.length;
}

/** Shared (name, kind) pairs among all of either table. */
export function structureScore(real: StoredTable, other: StoredTable): Score {
  const first = kindsAndNames(real);
  const second = kindsAndNames(other);
  if (first.size + second.size === 0) return unknownScore('There are no columns');
  let shared = 0;
  for (const key of first) if (second.has(key)) shared++;
  return knownScore(shared / (first.size + second.size - shared));
}

function kindsAndNames({ schema }: StoredTable): ReadonlySet<string> {
  return new Set(schema.columns.map(({ name, kind }) => `${kind} ${name}`));
}
