import { type Column, columnNamed, isCoded, type WholeTable } from '../../../core/plugin-api/index.js';

/** A column to predict, and what its cells are to a model. */
export interface ClassTarget {
  readonly name: string;
  readonly task: 'classes';
  /** Texts or numbers, most frequent first. */
  readonly classes: readonly (string | number)[];
}

export interface NumberTarget {
  readonly name: string;
  readonly task: 'number';
}

export type Target = ClassTarget | NumberTarget;

/** Numbers with no more different values than these are classes. */
const MOST_NUMBERS_AS_CLASSES = 10;

/** What the column is to predict, or why it cannot be. */
export function targetOf(training: WholeTable, name: string, maximumClasses: number): Target | string {
  const schema = training.schema.columns.find((column) => column.name === name);
  const column = columnNamed(training, name);
  if (schema === undefined || column === undefined) return `The table has no column "${name}"`;
  if (schema.kind === 'identifier' || schema.kind === 'text') {
    return `Column "${name}" holds keys or free text: there is nothing to predict`;
  }
  const counts = countValues(column);
  if (counts.size === 0) return `Column "${name}" has no value in the training rows`;
  if (counts.size === 1) return `Column "${name}" has a single value in the training rows: there is nothing to predict`;
  const isNumber = !isCoded(column) && schema.kind !== 'boolean';
  if (isNumber && (schema.kind !== 'integer' || counts.size > MOST_NUMBERS_AS_CLASSES)) return { name, task: 'number' };
  const byFrequency = [...counts].toSorted(([a, m], [b, n]) => n - m || (String(a) < String(b) ? -1 : 1));
  return { name, task: 'classes', classes: byFrequency.slice(0, maximumClasses).map(([value]) => value) };
}

/** How many rows hold each value, missing ones not counted. */
export function countValues(column: Column): Map<string | number, number> {
  const counts = new Map<string | number, number>();
  const length = isCoded(column) ? column.codes.length : column.values.length;
  for (let row = 0; row < length; row++) {
    const value = cellOf(column, row);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function cellOf(column: Column, row: number): string | number | null {
  if (isCoded(column)) return column.dictionary[column.codes[row]!] ?? null;
  const value = column.values[row]!;
  return Number.isFinite(value) ? value : null;
}

/** Of each row: the number of its class, or the number itself; NaN where the row has none. */
export function targetValues(table: WholeTable, target: Target): Float64Array {
  const column = columnNamed(table, target.name);
  const values = new Float64Array(table.rowCount).fill(Number.NaN);
  if (column === undefined) return values;
  const numberOf = new Map(target.task === 'classes' ? target.classes.map((value, i) => [value, i]) : []);
  for (let row = 0; row < table.rowCount; row++) {
    const cell = cellOf(column, row);
    if (cell === null) continue;
    if (target.task === 'classes') values[row] = numberOf.get(cell) ?? Number.NaN;
    else if (typeof cell === 'number') values[row] = cell;
  }
  return values;
}
