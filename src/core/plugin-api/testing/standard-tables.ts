import { RandomStream } from '../random.js';
import type { ColumnKind, ColumnSchema, TableSource } from '../tables.js';
import { tableFromRows, type Cell } from './table-from-rows.js';

const DAY = 86_400_000;
const CITIES = ['Ashford', 'Bern', 'Cork', 'Delft'];

export interface TableOptions {
  /** Kinds that the plugin takes: columns of others are left out. */
  readonly kinds: readonly ColumnKind[];
  /** Cells missing at random, and together with a neighbour's. */
  readonly missing: boolean;
  /** False: without what was read from the rows, as a differentially private plugin gets it. */
  readonly profile: boolean;
  readonly rowCount?: number;
}

/** One column of each kind that a generator may list, related to one another, the same at each call. One category is held by one row. */
export function standardTable(options: TableOptions): TableSource {
  const { columns, rows } = standardCells(options);
  return tableFromRows(columns, rows, options);
}

function standardCells({ kinds, missing, rowCount = 500 }: TableOptions): { columns: ColumnSchema[]; rows: Cell[][] } {
  const stream = new RandomStream(2024, 'conformance.table');
  const rows = Array.from({ length: rowCount }, (_, row) => standardRow(stream, row, missing));
  const kept = [...COLUMNS.keys()].filter((c) => kinds.includes(COLUMNS[c]!.kind));
  return {
    columns: kept.map((c) => ({ ...COLUMNS[c]!, nullable: missing })),
    rows: rows.map((row) => kept.map((c) => row[c]!)),
  };
}

// Bounds and categories are declared, as a user would for a private table: a plugin may rely on either.
const COLUMNS: readonly ColumnSchema[] = [
  { name: 'height', kind: 'continuous', nullable: false, bounds: [0, 400] },
  { name: 'children', kind: 'integer', nullable: false, bounds: [0, 30] },
  { name: 'city', kind: 'categorical', nullable: false, categories: [...CITIES, 'Einsiedeln'] },
  { name: 'member', kind: 'boolean', nullable: false },
  { name: 'joined', kind: 'datetime', nullable: false, bounds: [0, 40_000 * DAY] },
];

function standardRow(stream: RandomStream, row: number, missing: boolean): Cell[] {
  const factor = stream.next();
  const noise = () => stream.next() - 0.5;
  const cells: Cell[] = [
    Math.round((150 + 40 * factor + 20 * noise()) * 10) / 10,
    Math.max(0, Math.round(4 * factor + 2 * noise())),
    row === 7 ? 'Einsiedeln' : CITIES[Math.min(3, Math.floor(4 * stream.next() * (0.5 + factor / 2)))]!,
    factor + noise() > 0.5,
    (18_000 + Math.floor(1000 * factor + 300 * noise())) * DAY,
  ];
  const blank = stream.next() < 0.15;
  return cells.map((cell, c) => {
    const isMissing = stream.next() < 0.05 || (blank && c < 2);
    return missing && isMissing ? null : cell;
  });
}

const ORDINARY: Partial<Record<ColumnKind, Cell>> = {
  continuous: 1.5,
  integer: 3,
  categorical: 'Bern',
  boolean: true,
  datetime: 18_000 * DAY,
};

/** Tables at the edge of what is a table, by what is odd about them. */
export function oddTables(options: TableOptions): ReadonlyMap<string, TableSource> {
  const { columns, rows } = standardCells({ ...options, rowCount: 60 });
  const ordinary = columns.map(({ kind }) => ORDINARY[kind]!);
  const blank = columns.map(() => null);
  const repeated = rows.map(() => ordinary);
  const underscored = columns.map((column, c) => (c === 0 ? { ...column, name: '__proto__' } : column));
  const table = (schema: readonly ColumnSchema[], cells: readonly (readonly Cell[])[]) => {
    return tableFromRows(schema, cells, options);
  };
  const tables = new Map([
    ['one row', table(columns, [ordinary])],
    ['constant columns', table(columns, repeated)],
    [
      'a single column',
      table(
        columns.slice(0, 1),
        rows.map((row) => row.slice(0, 1)),
      ),
    ],
    ['a column named __proto__', table(underscored, rows)],
  ]);
  if (!options.missing) return tables;
  tables.set(
    'a column all missing',
    table(
      columns,
      rows.map((row) => [null, ...row.slice(1)]),
    ),
  );
  tables.set(
    'all columns all missing',
    table(
      columns,
      rows.map(() => blank),
    ),
  );
  tables.set(
    'every other row all missing',
    table(
      columns,
      rows.map((row, r) => (r % 2 ? row : blank)),
    ),
  );
  return tables;
}
