import type { TrainingColumn } from './training-table.js';

/** A column of categories: text ones, or booleans as 0 and 1. Missing values are a category of their own, the last. */
export interface DiscreteEncoding {
  readonly type: 'discrete';
  /** What each category stands for; null is missing. Categories that no row has are left out. */
  readonly categories: readonly (string | number | null)[];
  /** Rows of each category. */
  readonly counts: readonly number[];
}

export function fitDiscrete(column: TrainingColumn): { encoding: DiscreteEncoding; components: Int32Array } {
  return 'codes' in column ? fitCodes(column.codes, column.dictionary) : fitCodes(toCodes(column.values), [0, 1]);
}

function toCodes(values: Float64Array): Int32Array {
  return Int32Array.from(values, (value) => (Number.isNaN(value) ? -1 : value));
}

function fitCodes(
  codes: Int32Array,
  dictionary: readonly (string | number)[],
): { encoding: DiscreteEncoding; components: Int32Array } {
  const missing = dictionary.length;
  const counts = new Float64Array(dictionary.length + 1);
  for (const code of codes) counts[code < 0 ? missing : code]!++;
  const present = [...counts.keys()].filter((code) => counts[code]! > 0);
  const componentOf = new Int32Array(counts.length);
  present.forEach((code, component) => (componentOf[code] = component));
  return {
    encoding: {
      type: 'discrete',
      categories: present.map((code) => dictionary[code] ?? null),
      counts: present.map((code) => counts[code]!),
    },
    components: codes.map((code) => componentOf[code < 0 ? missing : code]!),
  };
}
