import { type FieldError, invalid } from '../errors/index.js';
import type { ColumnSchema, Condition, ConditionCell, GeneratorCapabilities } from '../plugin-api/index.js';

/** Values that one condition may list. */
export const MOST_LISTED_VALUES = 256;

/** A condition as both doors take it: one value, bounds that are both inclusive, or a list of values of which a row holds one. */
export type ConditionValue =
  ConditionCell | { readonly min?: string | number; readonly max?: string | number } | readonly ConditionCell[];
export type ConditionInput = { readonly column: string; readonly value: ConditionValue };

const ORDERED = new Set(['continuous', 'integer', 'datetime']);

/** What is wrong with a condition; the caller's input stands at its column. */
type Fault = Pick<FieldError, 'message' | 'code'>;

/** Turns what the caller wrote into what a plugin takes, or tells every field that is wrong. */
export function resolveConditions(
  inputs: readonly ConditionInput[],
  columns: readonly ColumnSchema[],
  capabilities: Pick<GeneratorCapabilities, 'conditionalSampling' | 'conditionLists'>,
): Condition[] {
  if (inputs.length > 0 && capabilities.conditionalSampling === 'none') {
    throw invalid({ field: 'conditions', message: 'This generator takes no conditions', code: 'invalid_choice' });
  }
  const errors: FieldError[] = [];
  const conditions = inputs.flatMap(({ column, value }): Condition[] => {
    const resolved = resolve(column, value, columns, capabilities.conditionLists ?? false);
    if (!('code' in resolved)) return [resolved];
    errors.push({ field: `conditions.${column}`, ...resolved });
    return [];
  });
  if (errors.length > 0) throw invalid(...errors);
  return conditions;
}

function resolve(
  column: string,
  value: ConditionValue,
  columns: readonly ColumnSchema[],
  takesLists: boolean,
): Condition | Fault {
  const schema = columns.find((candidate) => candidate.name === column);
  if (schema === undefined) return { message: `The table has no column "${column}"`, code: 'unknown_column' };
  if (schema.kind === 'identifier' || schema.kind === 'text') {
    return { message: `"${column}" is not learned, so no condition can be set on it`, code: 'invalid_choice' };
  }
  if (isList(value)) return resolveList(value, schema, takesLists);
  return typeof value === 'object' && value !== null ? resolveBounds(value, schema) : resolveCell(value, schema);
}

function resolveList(values: readonly ConditionCell[], schema: ColumnSchema, takesLists: boolean): Condition | Fault {
  const { name: column } = schema;
  if (values.length === 0) return { message: 'Give at least one value', code: 'required' };
  if (values.length > MOST_LISTED_VALUES) {
    return { message: `Lists ${values.length} values, more than ${MOST_LISTED_VALUES}`, code: 'range_error' };
  }
  const cells: ConditionCell[] = [];
  for (const value of values) {
    const resolved = resolveCell(value, schema);
    if ('code' in resolved) return resolved;
    if (cells.includes(resolved.value)) {
      return { message: `"${column}" lists ${JSON.stringify(value)} twice`, code: 'invalid_choice' };
    }
    cells.push(resolved.value);
  }
  const [first, ...rest] = cells;
  if (rest.length === 0) return { column, value: first! };
  if (takesLists) return { column, values: [first!, ...rest] };
  return { message: `This generator takes one value of "${column}", not a list`, code: 'invalid_choice' };
}

function resolveBounds(
  { min, max }: { readonly min?: string | number; readonly max?: string | number },
  schema: ColumnSchema,
): Condition | Fault {
  const { name: column, kind } = schema;
  if (!ORDERED.has(kind)) return { message: `"${column}" has no order: give one value`, code: 'invalid_type' };
  const minimum = min === undefined ? undefined : numberOf(min, schema);
  const maximum = max === undefined ? undefined : numberOf(max, schema);
  if (minimum === null || maximum === null) return { message: expected(schema), code: 'invalid_type' };
  if (minimum === undefined && maximum === undefined) return { message: 'Give min, max or both', code: 'required' };
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    return { message: 'min must not be above max', code: 'range_error' };
  }
  return { column, ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
}

function resolveCell(
  value: ConditionCell,
  schema: ColumnSchema,
): { readonly column: string; readonly value: ConditionCell } | Fault {
  const { name: column } = schema;
  if (value !== null) {
    const resolved = scalar(value, schema);
    if (resolved !== null) return { column, value: resolved };
    return { message: `${expected(schema)}, not ${JSON.stringify(value)}`, code: 'invalid_type' };
  }
  return schema.nullable ? { column, value } : { message: `"${column}" has no missing values`, code: 'invalid_choice' };
}

function isList(value: ConditionValue): value is readonly ConditionCell[] {
  return Array.isArray(value);
}

function scalar(value: string | number | boolean, schema: ColumnSchema): string | number | boolean | null {
  if (schema.kind === 'categorical') return String(value);
  if (schema.kind === 'boolean') {
    if (typeof value === 'boolean') return value;
    return value === 'true' || value === 1 ? true : value === 'false' || value === 0 ? false : null;
  }
  return typeof value === 'boolean' ? null : numberOf(value, schema);
}

/** Datetimes may be ISO 8601; without an offset they are UTC, as everywhere in a table. */
function numberOf(value: string | number, schema: ColumnSchema): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (schema.kind === 'datetime') {
    const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(value) || !value.includes('T') ? value : `${value}Z`;
    const milliseconds = Date.parse(zoned);
    return Number.isNaN(milliseconds) ? null : milliseconds;
  }
  const number = Number(value);
  return value.trim() === '' || !Number.isFinite(number) ? null : number;
}

function expected(schema: ColumnSchema): string {
  const what = { datetime: 'an ISO 8601 time', boolean: 'true or false' }[schema.kind as string] ?? 'a number';
  return `"${schema.name}" takes ${what}`;
}
