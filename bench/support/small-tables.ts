import type { ColumnSchema } from '../../src/core/plugin-api/index.js';
import { RandomStream, readWholeTable } from '../../src/core/plugin-api/index.js';
import { type Cell, rowsOf, testContext } from '../../src/core/plugin-api/testing/index.js';
import { adultTable } from '../../test/support/adult.js';
import { normal, pick } from './draws.js';

export interface BenchTable {
  readonly name: string;
  readonly columns: readonly ColumnSchema[];
  readonly rows: readonly (readonly Cell[])[];
  /** A column to be predicted from the others. */
  readonly target: string;
}

const ROWS = 16_000;
const DAY = 86_400_000;

/** The adult table, and two that are made: nothing but numbers, and mostly dates and categories. */
export async function benchTables(): Promise<BenchTable[]> {
  return [await adult(), measurements(), visits()];
}

async function adult(): Promise<BenchTable> {
  const source = adultTable();
  const table = await readWholeTable(source, Infinity, testContext());
  return { name: 'adult', columns: source.schema.columns, rows: rowsOf([table]), target: 'income' };
}

/** Ten numbers: two causes, relations that bend, turn around or multiply, spread that grows, a mixture, noise; gaps by value. */
function measurements(): BenchTable {
  const random = new RandomStream(1, 'bench.measurements');
  const rows = Array.from({ length: ROWS }, () => {
    const [a, b] = [normal(random), normal(random)];
    const group = random.next() < 0.35 ? 3 : 0;
    const dose = Math.exp(0.6 * a + 0.3 * normal(random));
    return [
      round(20 + 4 * a, 1),
      round(0.7 * a + 0.7 * b, 2),
      round(a * a + 0.4 * normal(random), 2),
      round(a * b + 0.3 * normal(random), 2),
      random.next() < 0.1 + 0.5 * Number(b > 1) ? null : round(100 * dose, 0),
      round(50 + 10 * Math.sin(2 * b) + 2 * normal(random), 1),
      Math.max(0, Math.round(3 + 2 * b + normal(random))),
      round(group + 0.5 * normal(random) + 0.3 * a, 3),
      group > 0 && random.next() < 0.5 ? null : round((1 + 0.8 * Math.abs(a)) * normal(random), 3),
      round(normal(random), 2),
    ];
  });
  const kinds = ['temperature', 'pressure', 'wear', 'torque', 'dose', 'angle', 'faults', 'level', 'drift', 'noise'];
  const columns = kinds.map((name): ColumnSchema => {
    return { name, kind: name === 'faults' || name === 'dose' ? 'integer' : 'continuous', nullable: true };
  });
  return { name: 'measurements', columns, rows, target: 'torque' };
}

/** Visits to a clinic: wards keep hours and weekdays, causes have seasons, costs follow both, one column has many values. */
function visits(): BenchTable {
  const random = new RandomStream(2, 'bench.visits');
  const wards = ['surgery', 'children', 'eyes', 'emergency', 'heart'];
  const causes = ['accident', 'infection', 'check', 'pain', 'chronic', 'referral'];
  const byWard = [
    [4, 1, 1, 3, 1, 3],
    [2, 5, 4, 1, 1, 1],
    [1, 1, 6, 1, 3, 2],
    [6, 4, 0, 5, 1, 0],
    [0, 1, 4, 2, 6, 3],
  ];
  const rows = Array.from({ length: ROWS }, () => {
    const ward = pick(random, [3, 4, 2, 6, 3]);
    const cause = pick(random, byWard[ward]!);
    const season = cause === 1 ? 40 * normal(random) : 365 * random.next();
    const week = 18_263 + 365 * Math.floor(3 * random.next()) + season;
    const monday = week - ((((Math.floor(week) + 3) % 7) + 7) % 7);
    const day = Math.floor(monday + (ward === 3 ? 7 : 5) * random.next());
    const hour = ward === 3 ? 24 * random.next() : 8 + 8 * random.next();
    const age = ward === 1 ? Math.floor(16 * random.next()) : Math.floor(18 + 75 * Math.sqrt(random.next()));
    const stays = random.next() < (ward === 0 ? 0.7 : 0.1 + age / 300);
    const nights = stays ? 1 + Math.floor(-3 * Math.log(random.next())) : 0;
    return [
      wards[ward]!,
      causes[cause]!,
      day * DAY + Math.round(hour * 4) * 900_000,
      age,
      age < 18 ? 'parent' : ['none', 'partner', 'child'][pick(random, [5, 3, age / 20])]!,
      stays,
      nights,
      random.next() < 0.15 ? null : round((80 + 300 * nights + 40 * cause) * (0.8 + 0.4 * random.next()), 2),
      `physician ${ward * 12 + Math.floor(12 * random.next() ** 2)}`,
      ['A', 'B', 'C'][pick(random, age < 18 ? [8, 1, 1] : [4, 4, stays ? 4 : 1])]!,
    ];
  });
  const columns: ColumnSchema[] = [
    { name: 'ward', kind: 'categorical', nullable: false },
    { name: 'cause', kind: 'categorical', nullable: false },
    { name: 'arrival', kind: 'datetime', nullable: false },
    { name: 'age', kind: 'integer', nullable: false },
    { name: 'companion', kind: 'categorical', nullable: false },
    { name: 'stays', kind: 'boolean', nullable: false },
    { name: 'nights', kind: 'integer', nullable: false },
    { name: 'cost', kind: 'continuous', nullable: true },
    { name: 'physician', kind: 'categorical', nullable: false },
    { name: 'tariff', kind: 'categorical', nullable: false },
  ];
  return { name: 'visits', columns, rows, target: 'cause' };
}

function round(x: number, places: number): number {
  return Math.round(x * 10 ** places) / 10 ** places;
}
