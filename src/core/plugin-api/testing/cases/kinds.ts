import assert from 'node:assert/strict';
import { type ColumnSchema, type TableSource } from '../../tables.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness, Rows } from '../generator-harness.js';
import type { Cell } from '../table-from-rows.js';

export function kindCases(harness: GeneratorHarness): ConformanceCase[] {
  return [
    {
      name: 'cells are of their column’s kind, within declared bounds, and missing only where cells are missing',
      async run() {
        await harness.withModel({}, async (model) => checkKinds(await harness.sample(model), harness.table));
      },
    },
  ];
}

/** Checks each cell against the kind, the bounds and the nullability of its column. */
export function checkKinds(rows: Rows, { schema }: TableSource): void {
  for (const row of rows) {
    row.forEach((cell, c) => {
      const column = schema.columns[c]!;
      const problem = problemOf(cell, column);
      assert.equal(problem, null, `column "${column.name}" (${column.kind}) holds ${String(cell)}: ${problem}`);
    });
  }
}

function problemOf(cell: Cell, { kind, bounds, categories, nullable }: ColumnSchema): string | null {
  if (cell === null) return nullable ? null : 'missing, in a column without missing cells';
  if (kind === 'categorical') return categories?.includes(String(cell)) === false ? 'an unknown category' : null;
  if (typeof cell !== 'number' || !Number.isFinite(cell)) return 'not a finite number';
  if (kind === 'boolean') return cell === 0 || cell === 1 ? null : 'neither 0 nor 1';
  if ((kind === 'integer' || kind === 'datetime') && !Number.isInteger(cell)) return 'not a whole number';
  if (bounds && (cell < bounds[0] || cell > bounds[1])) return `outside ${bounds[0]} to ${bounds[1]}`;
  return null;
}
