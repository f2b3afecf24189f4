import {
  CODED_KINDS,
  isCoded,
  type CodedColumn,
  type Column,
  type ColumnProfile,
  type ColumnSchema,
  type DatasetProfile,
  type TableBatch,
  type TableSource,
} from '../tables.js';

/** A cell as people write it: a coded column's text, a number, a boolean, a datetime in milliseconds; null is missing. */
export type Cell = string | number | boolean | null;

/** A table held in memory, with the profile that the host would give. Dictionaries are in order of first appearance. */
export function tableFromRows(
  columns: readonly ColumnSchema[],
  rows: readonly (readonly Cell[])[],
  options: { readonly profile?: boolean } = {},
): TableSource {
  const data = columns.map((column, c) => toColumn(column, rows, c));
  const profile = (options.profile ?? true) ? profileOf(columns, data, rows.length) : null;
  return {
    schema: { columns },
    profile,
    async *batches(batchSize) {
      for (let start = 0; start < rows.length; start += batchSize) {
        const end = Math.min(rows.length, start + batchSize);
        yield { rowCount: end - start, columns: data.map((column) => slice(column, start, end)) };
      }
    },
  };
}

/** The rows of batches, cells as {@link tableFromRows} takes them (booleans come back as 0 and 1). */
export function rowsOf(batches: readonly TableBatch[]): Cell[][] {
  return batches.flatMap(({ rowCount, columns }) =>
    Array.from({ length: rowCount }, (_, row) => columns.map((column) => cellOf(column, row))),
  );
}

/** One cell; null where it is missing. */
export function cellOf(column: Column, row: number): Cell {
  if (!isCoded(column)) return Number.isNaN(column.values[row]!) ? null : column.values[row]!;
  const code = column.codes[row]!;
  return code < 0 ? null : column.dictionary[code]!;
}

function toColumn(column: ColumnSchema, rows: readonly (readonly Cell[])[], c: number): Column {
  if (!CODED_KINDS.has(column.kind)) {
    return { values: Float64Array.from(rows, (row) => (row[c] === null ? NaN : Number(row[c]))) };
  }
  const seen = new Map<string, number>();
  const codes = Int32Array.from(rows, (row) => {
    const cell = row[c]!;
    if (cell === null) return -1;
    const text = String(cell);
    if (!seen.has(text)) seen.set(text, seen.size);
    return seen.get(text)!;
  });
  return { codes, dictionary: [...seen.keys()] };
}

function slice(column: Column, start: number, end: number): Column {
  if (isCoded(column)) return { codes: column.codes.slice(start, end), dictionary: column.dictionary };
  return { values: column.values.slice(start, end) };
}

function profileOf(schemas: readonly ColumnSchema[], columns: readonly Column[], rowCount: number): DatasetProfile {
  return {
    rowCount,
    columns: columns.map((column, c) =>
      isCoded(column) ? profileCoded(column) : profileNumeric(schemas[c]!, column.values),
    ),
  };
}

function profileCoded({ codes, dictionary }: CodedColumn): ColumnProfile {
  return { missingFraction: missingFraction(codes, (code) => code < 0), distinctCount: dictionary.length };
}

function profileNumeric({ kind }: ColumnSchema, values: Float64Array): ColumnProfile {
  const present = values.filter((value) => !Number.isNaN(value));
  const facts = {
    missingFraction: missingFraction(values, Number.isNaN),
    distinctCount: new Set(present).size,
  };
  if (kind === 'boolean' || present.length === 0) return facts;
  const range = {
    minimum: present.reduce((a, b) => Math.min(a, b)),
    maximum: present.reduce((a, b) => Math.max(a, b)),
  };
  return { ...facts, ...range, ...(kind === 'continuous' && { decimalPlaces: mostPlaces(present) }) };
}

function missingFraction<T extends Float64Array | Int32Array>(cells: T, isMissing: (cell: number) => boolean): number {
  let missing = 0;
  for (const cell of cells) if (isMissing(cell)) missing++;
  return cells.length === 0 ? 0 : missing / cells.length;
}

function mostPlaces(values: Float64Array): number {
  let places = 0;
  for (const value of values) {
    const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e(.+))?$/.exec(String(value)) ?? [];
    places = Math.max(places, fraction.length - Number(exponent));
  }
  return places;
}
