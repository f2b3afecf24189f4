import type { InputRef } from '@pothos/core';
import type { ConfigJsonSchema } from '../../core/plugin-host/index.js';
import type { Builder } from '../builder.js';
import { camelCase } from '../errors/field-names.js';
import { enumName } from '../enums.js';

/** The part of JSON Schema 2020-12 that zod writes for a config. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A type of the schema for a piece of JSON Schema, and the two ways between their values. */
interface Mapped {
  readonly type: InputType | [InputType];
  readonly nullable: boolean;
  /** From what GraphQL gives to what the plugin's schema takes. */
  toConfig(value: unknown): unknown;
  /** From a default of the plugin's schema to a default of the input type. */
  toInput(value: unknown): unknown;
}
type InputType = InputRef<unknown> | 'Boolean' | 'Float' | 'Int' | 'String' | 'SafeInt' | 'JSON';

export interface ConfigInput {
  readonly type: InputRef<unknown>;
  toConfig(value: unknown): unknown;
}

const same = (value: unknown) => value;
const INT_LIMIT = 2 ** 31;

/** The input type of a plugin's config: its keys in camel case, with the defaults and descriptions that the plugin gave. */
export function addConfigInput(
  builder: Builder,
  name: string,
  description: string,
  schema: ConfigJsonSchema,
): ConfigInput {
  const mapped = objectType(builder, name, { ...(schema as JsonSchema), description });
  return { type: mapped.type as InputRef<unknown>, toConfig: mapped.toConfig };
}

function map(builder: Builder, name: string, schema: JsonSchema): Mapped {
  if (schema.anyOf !== undefined) return unionType(builder, name, schema.anyOf);
  if (schema.enum !== undefined) return enumType(builder, name, schema.enum, schema.description);
  switch (schema.type) {
    case 'boolean':
      return scalar('Boolean');
    case 'number':
      return scalar('Float');
    case 'integer':
      return scalar(fitsInt(schema) ? 'Int' : 'SafeInt');
    case 'string':
      return scalar('String');
    case 'array':
      return listType(builder, name, schema.items ?? {});
    case 'object':
      return schema.properties === undefined ? scalar('JSON') : objectType(builder, name, schema);
    default:
      return scalar('JSON');
  }
}

function scalar(type: InputType, nullable = type === 'JSON'): Mapped {
  return { type, nullable, toConfig: same, toInput: same };
}

/** zod gives an unbounded integer the bounds of a safe one, which means "none". */
function fitsInt({ minimum, maximum }: JsonSchema): boolean {
  return [minimum, maximum].every(
    (bound) => bound === undefined || Math.abs(bound) < INT_LIMIT || Math.abs(bound) === Number.MAX_SAFE_INTEGER,
  );
}

/** `null` or one other thing is that thing, nullable; alternatives of several shapes have no GraphQL type but JSON. */
function unionType(builder: Builder, name: string, options: readonly JsonSchema[]): Mapped {
  const others = options.filter((option) => option.type !== 'null');
  if (others.length !== 1) return scalar('JSON');
  const mapped = map(builder, name, others[0]!);
  const passNull = (through: Mapped['toConfig']) => (value: unknown) => (value === null ? null : through(value));
  return {
    type: mapped.type,
    nullable: mapped.nullable || others.length < options.length,
    toConfig: passNull(mapped.toConfig),
    toInput: passNull(mapped.toInput),
  };
}

function enumType(builder: Builder, name: string, values: readonly unknown[], description: string | undefined): Mapped {
  const names = values.map((value) => (typeof value === 'string' ? enumName(value) : ''));
  const distinct = new Set(names).size === names.length && names.every((text) => /^[A-Z][A-Z0-9_]*$/.test(text));
  if (!distinct) return scalar(values.every((value) => typeof value === 'string') ? 'String' : 'JSON');
  const type = builder.enumType(name, {
    ...(description !== undefined && { description }),
    values: Object.fromEntries(names.map((text, i) => [text, { value: values[i] as string }])),
  });
  return scalar(type as InputRef<unknown>, false);
}

function listType(builder: Builder, name: string, items: JsonSchema): Mapped {
  const item = map(builder, `${name}Item`, items);
  // A list of lists, or of things that may be null, is rare enough to be plain JSON.
  if (Array.isArray(item.type) || item.nullable) return scalar('JSON');
  const each = (through: Mapped['toConfig']) => (value: unknown) =>
    Array.isArray(value) ? value.map((entry) => through(entry)) : value;
  return { type: [item.type], nullable: false, toConfig: each(item.toConfig), toInput: each(item.toInput) };
}

function objectType(builder: Builder, name: string, schema: JsonSchema): Mapped {
  const keys = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const field = camelCase(key);
    return {
      key,
      field,
      property,
      mapped: map(builder, `${name}${field[0]!.toUpperCase()}${field.slice(1)}`, property),
    };
  });
  refuseDuplicates(name, keys);
  const type = builder.inputType(`${name}Input`, {
    ...(schema.description !== undefined && { description: schema.description }),
    fields: (t) =>
      keys.length === 0
        ? { none: t.boolean({ description: 'There is nothing to set; an input type must have a field.' }) }
        : Object.fromEntries(
            keys.map(({ key, field, property, mapped }) => {
              const hasDefault = property.default !== undefined;
              const options = {
                type: mapped.type as never,
                // Non-null with a default: it may be left out, and null is refused where the plugin would refuse it.
                required: !mapped.nullable && (hasDefault || schema.required?.includes(key) === true),
                ...(property.description !== undefined && { description: property.description }),
                ...(hasDefault && { defaultValue: mapped.toInput(property.default) as never }),
              };
              return [field, t.field(options)];
            }),
          ),
  });
  return {
    type: type as InputRef<unknown>,
    nullable: false,
    toConfig: translate(keys.map(({ key, field, mapped }) => [field, key, mapped.toConfig])),
    toInput: translate(keys.map(({ key, field, mapped }) => [key, field, mapped.toInput])),
  };
}

type Translation = readonly (readonly [from: string, to: string, through: (value: unknown) => unknown])[];

function translate(keys: Translation): (value: unknown) => unknown {
  return (value) => {
    const given = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      keys.flatMap(([from, to, through]) => (given[from] === undefined ? [] : [[to, through(given[from])]])),
    );
  };
}

function refuseDuplicates(name: string, keys: readonly { key: string; field: string }[]): void {
  const seen = new Map<string, string>();
  for (const { key, field } of keys) {
    const other = seen.get(field);
    if (other !== undefined)
      throw new Error(`${name}: the config keys "${other}" and "${key}" are both "${field}" in GraphQL`);
    seen.set(field, key);
  }
}
