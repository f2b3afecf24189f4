/** A JSON Schema: validates what comes in, types what goes out, and is what the OpenAPI document shows. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

declare const VALUE: unique symbol;
/** A JSON Schema that knows the type of the values it describes. */
export type Schema<T> = JsonSchema & { readonly [VALUE]?: () => T };
export type Static<S> = S extends { readonly [VALUE]?: () => infer T } ? T : never;

type Properties = Readonly<Record<string, JsonSchema>>;
type StaticProperties<P extends Properties> = { [K in keyof P]: Static<P[K]> };
type Keywords = Readonly<Record<string, unknown>>;

export function string(keywords: Keywords = {}): Schema<string> {
  return { type: 'string', ...keywords };
}

export function number(keywords: Keywords = {}): Schema<number> {
  return { type: 'number', ...keywords };
}

export function integer(keywords: Keywords = {}): Schema<number> {
  return { type: 'integer', ...keywords };
}

export function boolean(keywords: Keywords = {}): Schema<boolean> {
  return { type: 'boolean', ...keywords };
}

/** ISO 8601; goes out in UTC with `Z`. */
export function time(description?: string): Schema<string> {
  return string({ format: 'date-time', ...(description !== undefined && { description }) });
}

export function oneOf<const T extends string>(values: readonly T[], keywords: Keywords = {}): Schema<T> {
  return { type: 'string', enum: values, ...keywords };
}

/** Any JSON value. */
export function anything(keywords: Keywords = {}): Schema<unknown> {
  return { ...keywords };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  const { type, enum: values } = schema as { type: string; enum?: readonly unknown[] };
  return {
    ...schema,
    type: [type, 'null'],
    ...(values !== undefined && { enum: [...values, null] }),
  } as Schema<T | null>;
}

export function array<T>(items: Schema<T>, keywords: Keywords = {}): Schema<readonly T[]> {
  return { type: 'array', items, ...keywords };
}

/** An object with keys of the caller's choosing. */
export function map<T>(values: Schema<T>, keywords: Keywords = {}): Schema<Readonly<Record<string, T>>> {
  return { type: 'object', additionalProperties: values, ...keywords };
}

/** A closed object: any other key is refused. */
export function object<R extends Properties, O extends Properties = Record<never, never>>(
  required: R,
  optional?: O,
  keywords: Keywords = {},
): Schema<StaticProperties<R> & Partial<StaticProperties<O>>> {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    ...(Object.keys(required).length > 0 && { required: Object.keys(required) }),
    additionalProperties: false,
    ...keywords,
  };
}

/** Parameters of an address. Those of the second kind have a default, which is filled in. */
export function query<O extends Properties, D extends Properties = Record<never, never>>(
  optional: O,
  defaulted?: D,
): Schema<Partial<StaticProperties<O>> & StaticProperties<D>> {
  return object({}, { ...optional, ...defaulted }) as Schema<Partial<StaticProperties<O>> & StaticProperties<D>>;
}
