import type { Column } from '../../../core/plugin-api/index.js';
import type { Requirement } from './conditions.js';
import type { Layout } from './layout.js';
import { decodeNumeric } from './numeric-encoding.js';
import type { TableEncoding } from './table-encoding.js';

/** Rows in decoded form: numbers for numeric columns, components for discrete ones. */
export type DecodedColumns = readonly Float64Array[];

export function blankColumns(encoding: TableEncoding, rows: number): DecodedColumns {
  return encoding.columns.map(() => new Float64Array(rows));
}

/**
 * Draws the rows of a forward pass, column by column, by inverting the cumulative distribution of its components.
 * @param distribution each row's scalars, then its components' weights.
 * @param choices uniform numbers, `perRow` for each row: the first ones for its segments.
 */
export function decodeRows(
  encoding: TableEncoding,
  layout: Layout,
  distribution: Float32Array,
  choices: { readonly values: Float32Array; readonly perRow: number },
  rows: number,
  out: DecodedColumns,
): void {
  const scalarOf = new Map(layout.scalars.map((column, s) => [column, s]));
  layout.segments.forEach(({ column, offset, size }, s) => {
    const columnEncoding = encoding.columns[column]!;
    const scalar = scalarOf.get(column) ?? 0;
    const values = out[column]!;
    for (let row = 0; row < rows; row++) {
      const start = row * layout.width;
      const component = drawComponent(distribution, start + offset, size, choices.values[row * choices.perRow + s]!);
      values[row] =
        columnEncoding.type === 'discrete'
          ? component
          : decodeNumeric(columnEncoding, component, distribution[start + scalar]!);
    }
  });
}

/** A component by its weight, all of which are above 0; where rounding leaves something over, the last. */
function drawComponent(weights: Float32Array, start: number, size: number, uniform: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += weights[start + k]!;
  let rest = uniform * sum;
  for (let k = 0; k < size - 1; k++) {
    rest -= weights[start + k]!;
    if (rest < 0) return k;
  }
  return size - 1;
}

export function meets(requirements: readonly Requirement[], columns: DecodedColumns, row: number): boolean {
  return requirements.every((requirement) => meetsOne(requirement, columns[requirement.column]![row]!));
}

export function meetsOne(requirement: Requirement, value: number): boolean {
  if (requirement.type === 'components') return requirement.components.options.includes(value);
  return requirement.ranges.some((range) => {
    return range === 'missing' ? Number.isNaN(value) : value >= range.minimum && value <= range.maximum;
  });
}

/** The columns as the host takes them: codes into a dictionary, or numbers. */
export function toColumns(encoding: TableEncoding, decoded: DecodedColumns, start: number, end: number): Column[] {
  return encoding.columns.map((column, c) => {
    const values = decoded[c]!.subarray(start, end);
    if (column.type === 'numeric') return { values: values.slice() };
    const { categories } = column;
    // Missing is the last category, so that all others are their own codes.
    if (encoding.schemas[c]!.kind === 'boolean') {
      return { values: values.map((component) => (categories[component] as number | null) ?? Number.NaN) };
    }
    const hasMissing = categories.at(-1) === null;
    const missing = hasMissing ? categories.length - 1 : -1;
    const codes = new Int32Array(values.length);
    for (let i = 0; i < codes.length; i++) codes[i] = values[i] === missing ? -1 : values[i]!;
    return { codes, dictionary: (hasMissing ? categories.slice(0, -1) : categories) as string[] };
  });
}
