import { z } from 'zod';
import type { FieldError, FieldErrorCode } from '../errors/index.js';

/** The part of a JSON Schema that a config's form, GraphQL input and OpenAPI entry are built from. */
export interface ConfigJsonSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, ConfigKeyJsonSchema>>;
  readonly [key: string]: unknown;
}

export interface ConfigKeyJsonSchema {
  readonly description: string;
  readonly default: unknown;
  readonly [key: string]: unknown;
}

export type ConfigResult =
  { readonly ok: true; readonly config: unknown } | { readonly ok: false; readonly issues: readonly FieldError[] };

interface Configurable {
  readonly configSchema: z.ZodObject;
}

/** JSON Schema 2020-12 of what a caller may send: every key optional, with its default and description. */
export function configJsonSchema(plugin: Configurable): ConfigJsonSchema {
  return z.toJSONSchema(plugin.configSchema, { io: 'input' }) as unknown as ConfigJsonSchema;
}

/** Parses a caller's config; undefined and null mean "all defaults". */
export function parseConfig(plugin: Configurable, raw: unknown): ConfigResult {
  const parsed = plugin.configSchema.safeParse(raw ?? {}, { reportInput: true });
  if (parsed.success) return { ok: true, config: parsed.data };
  return { ok: false, issues: parsed.error.issues.flatMap(toFieldErrors) };
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ field: dotted(issue.path), message: issue.message, code: fieldErrorCode(issue) }];
  }
  return issue.keys.map((key) => ({
    field: dotted([...issue.path, key]),
    message: `Unknown key "${key}"`,
    code: 'unknown_field',
  }));
}

function fieldErrorCode(issue: z.core.$ZodIssue): FieldErrorCode {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'required' : 'invalid_type';
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
    case 'custom':
      return 'range_error';
    case 'invalid_value':
      return 'invalid_choice';
    case 'invalid_format':
      return 'invalid_format';
    default:
      return 'invalid_type';
  }
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
