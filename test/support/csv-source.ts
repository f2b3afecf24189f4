import { readFileSync } from 'node:fs';
import {
  CODED_KINDS,
  type Column,
  type ColumnKind,
  type ColumnSchema,
  type TableSource,
} from '../../src/core/plugin-api/index.js';

/** Cells as text, column by column; null is missing. */
export type Cells = readonly (readonly (string | null)[])[];

/** A table source over a small CSV file: plain commas, an empty cell is missing, blanks are kept. */
export function csvSource(path: string | URL, kinds: Readonly<Record<string, ColumnKind>>): TableSource {
  const { names, cells } = readCsv(path);
  return cellSource(
    names.map((name) => ({ name, kind: kinds[name]!, nullable: true })),
    cells,
  );
}

export function readCsv(path: string | URL): { names: string[]; cells: (string | null)[][] } {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = header!.split(',');
  const rows = lines.map((line) => line.split(','));
  return { names, cells: names.map((_, index) => rows.map((row) => (row[index] === '' ? null : row[index]!))) };
}

/** Booleans are `True` or `False`, times are UTC. */
export function cellSource(columns: readonly ColumnSchema[], cells: Cells): TableSource {
  const rowCount = cells[0]?.length ?? 0;
  const whole = columns.map(({ kind }, index) => toColumn(kind, cells[index]!));
  return {
    schema: { columns },
    profile: null,
    async *batches(batchSize) {
      for (let start = 0; start < rowCount; start += batchSize) {
        const end = Math.min(start + batchSize, rowCount);
        yield { rowCount: end - start, columns: whole.map((column) => slice(column, start, end)) };
      }
    },
  };
}

function toColumn(kind: ColumnKind, cells: readonly (string | null)[]): Column {
  if (!CODED_KINDS.has(kind)) return { values: Float64Array.from(cells, (cell) => toNumber(kind, cell)) };
  const dictionary = [...new Set(cells.filter((cell) => cell !== null))];
  const codes = new Map<string | null, number>(dictionary.map((text, code) => [text, code]));
  return { codes: Int32Array.from(cells, (cell) => codes.get(cell) ?? -1), dictionary };
}

function toNumber(kind: ColumnKind, cell: string | null): number {
  if (cell === null) return Number.NaN;
  if (kind === 'boolean') return cell === 'True' ? 1 : 0;
  return kind === 'datetime' ? Date.parse(`${cell.replace(' ', 'T')}${cell.includes(' ') ? 'Z' : ''}`) : Number(cell);
}

function slice(column: Column, start: number, end: number): Column {
  return 'codes' in column
    ? { codes: column.codes.subarray(start, end), dictionary: column.dictionary }
    : { values: column.values.subarray(start, end) };
}
