import { readFileSync } from 'node:fs';
import type { ColumnKind, TableSource } from '../../src/core/plugin-api/index.js';
import { cellSource, csvSource, readCsv } from './csv-source.js';

export type FidelityTable = 'adult' | 'clinic' | 'sensors';

const KINDS: Readonly<Record<FidelityTable, Readonly<Record<string, ColumnKind>>>> = {
  adult: {
    age: 'integer',
    workclass: 'categorical',
    fnlwgt: 'integer',
    education: 'categorical',
    'education-num': 'integer',
    'marital-status': 'categorical',
    occupation: 'categorical',
    relationship: 'categorical',
    race: 'categorical',
    sex: 'categorical',
    'capital-gain': 'integer',
    'capital-loss': 'integer',
    'hours-per-week': 'integer',
    'native-country': 'categorical',
    income: 'categorical',
  },
  clinic: {
    patient: 'identifier',
    admitted: 'datetime',
    born: 'datetime',
    ward: 'categorical',
    smoker: 'boolean',
    insured: 'boolean',
    weight: 'continuous',
    cost: 'continuous',
    visits: 'integer',
  },
  sensors: {
    load: 'continuous',
    current: 'continuous',
    temperature: 'continuous',
    pressure: 'continuous',
    firmware: 'integer',
    site: 'categorical',
    state: 'categorical',
    alarm: 'boolean',
  },
};

/** A real table and a synthetic one, of which `fixtures/fidelity/*-expected.json` holds the figures. */
export function fidelityTables(name: FidelityTable): { real: TableSource; synthetic: TableSource } {
  if (name === 'adult') return adultTables();
  const file = (side: string) => new URL(`../fixtures/fidelity/${name}-${side}.csv`, import.meta.url);
  return { real: csvSource(file('real'), KINDS[name]), synthetic: csvSource(file('synthetic'), KINDS[name]) };
}

export function expectedFigures(name: FidelityTable): ExpectedFigures {
  const file = new URL(`../fixtures/fidelity/${name}-expected.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as ExpectedFigures;
}

export interface ExpectedFigures {
  readonly all_pairs: ExpectedQuality;
  readonly strong_pairs: ExpectedQuality;
  readonly diagnostic: {
    readonly diagnostic: number;
    readonly validity: number;
    readonly structure: number;
    readonly columns: Readonly<Record<string, number>>;
  };
  readonly missingness: Readonly<Record<string, number>>;
  readonly real_edges: readonly { readonly columns: readonly string[]; readonly score: number }[];
  readonly accuracy: Readonly<Record<string, number>>;
}

export interface ExpectedQuality {
  readonly quality: number;
  readonly column_shapes: number;
  readonly pair_trends: number;
  readonly shapes: Readonly<Record<string, number>>;
  readonly pairs: readonly {
    readonly columns: readonly string[];
    readonly score: number | null;
    readonly real: number | null;
    readonly synthetic: number | null;
    readonly counts: boolean | null;
  }[];
}

const ADULT = new URL('../../assets/adult.csv', import.meta.url);
const SYNTHETIC_ROWS = 20_000;

/** The same arithmetic as `adult_synthetic` of `fixtures/fidelity/expect.py`. */
function adultTables(): { real: TableSource; synthetic: TableSource } {
  const { names, cells } = readCsv(ADULT);
  const columns = names.map((name) => ({ name, kind: KINDS.adult[name]!, nullable: false }));
  const synthetic = names.map((name, j) =>
    Array.from({ length: SYNTHETIC_ROWS }, (_, row) => {
      const cell = cells[j]![(row * 7919 + Math.floor(j / 5) * 10_007) % cells[j]!.length]!;
      return altered(name, cell, row);
    }),
  );
  return { real: cellSource(columns, cells), synthetic: cellSource(columns, synthetic) };
}

function altered(name: string, cell: string, row: number): string {
  if (name === 'age') return String(Number(cell) + (row % 3));
  if (name === 'capital-gain' && row % 5 === 0) return '0';
  if (name === 'education' && row % 7 === 0) return ' Bachelors';
  if (name === 'race' && row % 1000 === 0) return ' Unseen';
  return cell;
}
