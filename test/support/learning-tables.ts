import { readFileSync } from 'node:fs';
import { type Feature, type FeatureTable, takeRows } from '../../src/core/plugin-api/index.js';
import { readCsv } from './csv-source.js';

export type LearningTable = 'adult' | 'clinic' | 'sensors';

const FILES: Readonly<Record<LearningTable, string>> = {
  adult: '../../assets/adult.csv',
  clinic: '../fixtures/fidelity/clinic-real.csv',
  sensors: '../fixtures/fidelity/sensors-real.csv',
};
const LEFT_OUT = new Set(['patient']);
const DATES = new Set(['admitted', 'born']);

/** The rows to learn from and to test on, the same as in `fixtures/learning/expect.py`. */
export interface LearningCase {
  readonly training: FeatureTable;
  readonly test: FeatureTable;
  readonly trainingTarget: Float64Array;
  readonly testTarget: Float64Array;
}

export function learningCase(name: LearningTable, target: string): LearningCase {
  const { names, cells } = readCsv(new URL(FILES[name], import.meta.url));
  const columns = cells.map((column, c) => toFeature(names[c]!, column));
  const targetValues = asNumbers(columns[names.indexOf(target)]!);
  const features = columns.filter((_, c) => names[c] !== target && !LEFT_OUT.has(names[c]!));
  const known = Uint32Array.from(targetValues.keys()).filter((row) => !Number.isNaN(targetValues[row]!));
  const table = { rowCount: targetValues.length, features };
  const part = (isTest: boolean) => known.filter((_, i) => (i % 5 === 0) === isTest);
  const take = (rows: Uint32Array) => Float64Array.from(rows, (row) => targetValues[row]!);
  return {
    training: takeRows(table, part(false)),
    test: takeRows(table, part(true)),
    trainingTarget: take(part(false)),
    testTarget: take(part(true)),
  };
}

function toFeature(name: string, cells: readonly (string | null)[]): Feature {
  if (DATES.has(name)) {
    return { values: Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : dateOf(cell))) };
  }
  if (cells.every((cell) => cell === null || !Number.isNaN(Number(cell)))) {
    return { values: Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell))) };
  }
  const texts = [...new Set(cells.filter((cell) => cell !== null))].toSorted();
  const codes = new Map<string | null, number>(texts.map((text, code) => [text, code]));
  return { codes: Int32Array.from(cells, (cell) => codes.get(cell) ?? -1), categoryCount: texts.length };
}

function dateOf(cell: string): number {
  return Date.parse(`${cell.replace(' ', 'T')}${cell.includes(' ') ? 'Z' : ''}`);
}

/** Codes as numbers, as a tree without categories takes them. */
export function asNumbers(feature: Feature): Float64Array {
  if (!('codes' in feature)) return feature.values;
  return Float64Array.from(feature.codes, (code) => (code < 0 ? Number.NaN : code));
}

export function withoutCategories({ rowCount, features }: FeatureTable): FeatureTable {
  return { rowCount, features: features.map((feature) => ({ values: asNumbers(feature) })) };
}

export type ExpectedScores = Readonly<
  Record<string, { readonly rows: number; readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>> }>
>;

export function expectedScores(): ExpectedScores {
  const file = new URL('../fixtures/learning/expected.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as ExpectedScores;
}
