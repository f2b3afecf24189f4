import { type FieldError, invalid } from '../errors/index.js';
import type { ColumnSchema, Condition, GeneratorCapabilities } from '../plugin-api/index.js';

/** A condition as both doors take it: one value, or bounds that are both inclusive. */
export type ConditionValue =
  string | number | boolean | null | { readonly min?: string | number; readonly max?: string | number };
export type ConditionInput = { readonly column: string; readonly value: ConditionValue };

const ORDERED = new Set(['continuous', 'integer', 'datetime']);

/** Turns what the caller wrote into what a plugin takes, or tells every field that is wrong. */
export function resolveConditions(
  inputs: readonly ConditionInput[],
  columns: readonly ColumnSchema[],
  capabilities: GeneratorCapabilities,
): Condition[] {
  const errors: FieldError[] = [];
  const fail = (column: string, message: string, code: FieldError['code']) => {
    errors.push({ field: `conditions.${column}`, message, code });
    return [];
  };
  if (inputs.length > 0 && capabilities.conditionalSampling === 'none') {
    throw invalid({ field: 'conditions', message: 'This generator takes no conditions', code: 'invalid_choice' });
  }
  const conditions = inputs.flatMap(({ column, value }): Condition[] => {
    const schema = columns.find((candidate) => candidate.name === column);
    if (schema === undefined) return fail(column, `The table has no column "${column}"`, 'unknown_column');
    if (schema.kind === 'identifier' || schema.kind === 'text') {
      return fail(column, `"${column}" is not learned, so no condition can be set on it`, 'invalid_choice');
    }
    if (typeof value === 'object' && value !== null) {
      if (!ORDERED.has(schema.kind)) return fail(column, `"${column}" has no order: give one value`, 'invalid_type');
      const minimum = value.min === undefined ? undefined : numberOf(value.min, schema);
      const maximum = value.max === undefined ? undefined : numberOf(value.max, schema);
      if (minimum === null || maximum === null) return fail(column, expected(schema), 'invalid_type');
      if (minimum === undefined && maximum === undefined) return fail(column, 'Give min, max or both', 'required');
      if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
        return fail(column, 'min must not be above max', 'range_error');
      }
      return [{ column, ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) }];
    }
    if (value === null) {
      return schema.nullable
        ? [{ column, value }]
        : fail(column, `"${column}" has no missing values`, 'invalid_choice');
    }
    const resolved = scalar(value, schema);
    return resolved === null ? fail(column, expected(schema), 'invalid_type') : [{ column, value: resolved }];
  });
  if (errors.length > 0) throw invalid(...errors);
  return conditions;
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
