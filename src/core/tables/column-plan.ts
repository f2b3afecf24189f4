import { CODED_KINDS, type ColumnKind, type ColumnSchema, type TableSchema } from '../plugin-api/index.js';
import type { StoredColumn, TableDescription } from './description.js';
import { TableError } from './table-error.js';

/** What a column's owner decides about it, in place of what the data proposed. Bounds and categories are declared public. */
export interface ColumnOverride {
  readonly column: string;
  readonly kind?: ColumnKind;
  readonly nullable?: boolean;
  /** For continuous, integer and datetime columns (milliseconds since the epoch, UTC). */
  readonly bounds?: readonly [number, number];
  readonly categories?: readonly string[];
}

export interface PlannedColumn {
  readonly schema: ColumnSchema;
  /** `learned` columns reach the generator; those set aside are filled with fresh values afterwards. */
  readonly role: 'learned' | 'set-aside';
}

/** One entry for each column of the table, in its order. */
export interface ColumnPlan {
  readonly columns: readonly PlannedColumn[];
  /** What {@link applyOverrides} checks against. */
  readonly description: TableDescription;
}

export function proposePlan(description: TableDescription): ColumnPlan {
  const columns = description.columns.map(({ name, kind, nullable }) => planned({ name, kind, nullable }));
  return { columns, description };
}

/** A plan with the owner's decisions in it. Throws {@link TableError}: `unknown_column`, `impossible_kind`, `invalid_override`. */
export function applyOverrides(plan: ColumnPlan, overrides: readonly ColumnOverride[]): ColumnPlan {
  const columns = [...plan.columns];
  for (const override of overrides) {
    const index = columns.findIndex(({ schema }) => schema.name === override.column);
    if (index < 0) {
      const message = `The table has no column named "${override.column}"`;
      throw new TableError('unknown_column', message, { field: `columns.${override.column}`, column: override.column });
    }
    columns[index] = planned(decide(columns[index]!.schema, plan.description.columns[index]!, override));
  }
  return { ...plan, columns };
}

/** Positions, among the table's columns, of those that reach the generator. */
export function learnedPositions(plan: ColumnPlan): number[] {
  return plan.columns.flatMap(({ role }, i) => (role === 'learned' ? [i] : []));
}

/** What the generator sees. */
export function learnedSchema(plan: ColumnPlan): TableSchema {
  return { columns: learnedPositions(plan).map((i) => plan.columns[i]!.schema) };
}

function planned(schema: ColumnSchema): PlannedColumn {
  return { schema, role: schema.kind === 'identifier' || schema.kind === 'text' ? 'set-aside' : 'learned' };
}

function decide(proposed: ColumnSchema, stored: StoredColumn, override: ColumnOverride): ColumnSchema {
  const kind = override.kind ?? proposed.kind;
  const possible = possibleKinds(stored);
  if (!possible.includes(kind)) {
    const message = `"${stored.name}" holds ${stored.storage.type} values and can be ${possible.join(', ')}, but not ${kind}`;
    throw new TableError('impossible_kind', message, { field: `columns.${stored.name}.kind`, column: stored.name });
  }
  if (override.bounds) checkBounds(stored.name, kind, override.bounds);
  if (override.categories) checkCategories(stored.name, kind, override.categories);
  if (override.nullable === false && stored.nullable) throw invalid(stored.name, 'nullable', 'has missing values');
  const bounds = override.bounds ?? (kind === proposed.kind ? proposed.bounds : undefined);
  const categories = override.categories ?? (kind === proposed.kind ? proposed.categories : undefined);
  const nullable = override.nullable ?? proposed.nullable;
  return { name: stored.name, kind, nullable, ...(bounds && { bounds }), ...(categories && { categories }) };
}

/** The kinds that a column's values allow. */
export function possibleKinds(stored: StoredColumn): ColumnKind[] {
  switch (stored.storage.type) {
    case 'integer':
      return [
        'integer',
        'continuous',
        'categorical',
        'identifier',
        ...((stored.minimum ?? 0) >= 0 && (stored.maximum ?? 0) <= 1 ? (['boolean'] as const) : []),
      ];
    case 'decimal':
    case 'double':
      return ['continuous', 'categorical', ...(stored.decimalPlaces === 0 ? (['integer'] as const) : [])];
    case 'boolean':
      return ['boolean', 'categorical'];
    case 'date':
    case 'timestamp':
      return ['datetime', 'categorical'];
    case 'text':
      return ['categorical', 'identifier', 'text'];
  }
}

function checkBounds(name: string, kind: ColumnKind, [low, high]: readonly [number, number]): void {
  if (CODED_KINDS.has(kind) || kind === 'boolean') throw invalid(name, 'bounds', `is ${kind} and has no bounds`);
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw invalid(name, 'bounds', 'needs two finite numbers as bounds, the lower one first');
  }
}

function checkCategories(name: string, kind: ColumnKind, categories: readonly string[]): void {
  if (kind !== 'categorical') throw invalid(name, 'categories', `is ${kind} and has no categories`);
  if (categories.length === 0) throw invalid(name, 'categories', 'needs at least one category');
  if (new Set(categories).size < categories.length) throw invalid(name, 'categories', 'lists a category twice');
}

function invalid(name: string, property: string, what: string): TableError {
  return new TableError('invalid_override', `"${name}" ${what}`, {
    field: `columns.${name}.${property}`,
    column: name,
  });
}
