import type { z } from 'zod';
import { configJsonSchema, parseConfig } from './config-schema.js';

const CONFIG_KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/**
 * A config schema must be a strict object whose keys each have a description and a default, expressible as JSON Schema:
 * forms, the GraphQL input and the OpenAPI document are built from it. Checked on the JSON Schema rather than on the zod
 * object, because a plugin may bring its own copy of zod.
 */
export function checkConfigSchema(schema: unknown, fail: (reason: string) => never): void {
  if (typeof (schema as z.ZodObject | undefined)?.safeParse !== 'function') fail('configSchema is not a zod schema');
  const configurable = { configSchema: schema as z.ZodObject };
  const json = toJson(configurable, fail) as Record<string, unknown>;
  if (json.type !== 'object') fail('configSchema is not an object schema');
  if (json.additionalProperties !== false) fail('configSchema is not strict: use z.strictObject()');
  for (const [key, property] of Object.entries(json.properties ?? {}) as [string, Record<string, unknown>][]) {
    if (!CONFIG_KEY.test(key)) fail(`the config key "${key}" is not in snake case`);
    if (typeof property.description !== 'string' || property.description.trim() === '') {
      fail(`the config key "${key}" has no description`);
    }
    if (!('default' in property)) fail(`the config key "${key}" has no default`);
  }
  checkDefaults(configurable, fail);
}

// A default is not checked by zod when it is filled in, so the filled-in config is parsed once more.
function checkDefaults(configurable: { configSchema: z.ZodObject }, fail: (reason: string) => never): void {
  const filled = parseConfig(configurable, {});
  const again = filled.ok ? parseConfig(configurable, filled.config) : filled;
  if (!again.ok) {
    const [issue] = again.issues;
    fail(`the default of the config key "${issue!.field}" is refused by its own schema: ${issue!.message}`);
  }
}

function toJson(configurable: { configSchema: z.ZodObject }, fail: (reason: string) => never): unknown {
  try {
    return configJsonSchema(configurable);
  } catch (error) {
    return fail(`configSchema cannot be expressed as JSON Schema: ${(error as Error).message}`);
  }
}
