import { z } from 'zod';
import { COLUMN_KINDS, type ColumnKind } from '../plugin-api/index.js';
import type { ColumnOverride, ColumnPlan } from './column-plan.js';
import { type ColumnStorage, type StoredColumn, TABLE_FORMATS, type TableDescription } from './description.js';
import { PERSONAL_DATA_KINDS } from './personal-data.js';

/** What a model needs to know of its table to write rows elsewhere. */
export interface PortableTable {
  readonly description: TableDescription;
  readonly overrides: readonly ColumnOverride[];
}

/**
 * A description to be handed out with a model. The filters that know every value of a column set aside stay here: whoever
 * holds one can ask it whether a person was in the table.
 */
export function portableTable({ description, overrides }: PortableTable): PortableTable {
  const columns = description.columns.map(({ fill, ...column }): StoredColumn => {
    if (fill === undefined) return column;
    return { ...column, fill: fill.type === 'masks' ? { type: 'masks', masks: fill.masks } : fill };
  });
  return { description: { ...description, columns }, overrides };
}

/**
 * The same of a table whose rows a privacy claim protects: names, kinds, whether cells may be missing, and what the owner
 * declared. Counts, extremes and the spelling of cells were read from the rows and nobody paid for them.
 */
export function declaredTable({ columns }: ColumnPlan, overrides: readonly ColumnOverride[]): PortableTable {
  const declared = overrides.flatMap(({ column, bounds, categories }): ColumnOverride[] =>
    bounds || categories ? [{ column, ...(bounds && { bounds }), ...(categories && { categories }) }] : [],
  );
  const described = columns.map(({ schema: { name, kind, nullable } }): StoredColumn => ({
    name,
    kind,
    nullable,
    storage: USUAL_STORAGE[kind],
    keepsSpelling: false,
    missingFraction: 0,
    distinctCount: 0,
  }));
  return { description: { version: 1, format: 'csv', rowCount: 0, columns: described }, overrides: declared };
}

const USUAL_STORAGE: Readonly<Record<ColumnKind, ColumnStorage>> = {
  continuous: { type: 'double' },
  integer: { type: 'integer', wide: false },
  categorical: { type: 'text' },
  boolean: { type: 'boolean', spelling: ['false', 'true'] },
  datetime: { type: 'timestamp', format: '%Y-%m-%d %H:%M:%S' },
  identifier: { type: 'text' },
  text: { type: 'text' },
};

const count = z.number().int().min(0);
const spelling = z.string().max(100);
const name = z.string().max(10_000);

const comma = z.enum(['plain', 'grouped']).exactOptional();
const storage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('integer'), wide: z.boolean() }),
  z.strictObject({ type: z.literal('decimal'), places: count.max(38), wide: z.boolean(), comma }),
  z.strictObject({ type: z.literal('double'), comma }),
  z.strictObject({ type: z.literal('boolean'), spelling: z.tuple([spelling, spelling]) }),
  z.strictObject({ type: z.literal(['date', 'timestamp']), format: spelling }),
  z.strictObject({ type: z.literal('text') }),
]);
const digits = z.string().regex(/^-?\d{1,38}$/);
const fill = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('integers'), first: digits, step: digits }),
  z.strictObject({
    type: z.literal('masks'),
    masks: z
      .array(z.strictObject({ mask: z.string().min(1).max(10_000), weight: z.number().positive() }))
      .min(1)
      .max(100),
  }),
]);
const column = z.strictObject({
  name,
  storage,
  kind: z.enum(COLUMN_KINDS),
  nullable: z.boolean(),
  keepsSpelling: z.boolean(),
  missingFraction: z.number().min(0).max(1),
  distinctCount: count,
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  decimalPlaces: count.exactOptional(),
  fill: fill.exactOptional(),
  personalData: z.enum(PERSONAL_DATA_KINDS).exactOptional(),
});
const override = z.strictObject({
  column: name,
  kind: z.enum(COLUMN_KINDS).exactOptional(),
  nullable: z.boolean().exactOptional(),
  bounds: z.tuple([z.number(), z.number()]).exactOptional(),
  categories: z.array(z.string()).exactOptional(),
});

/** A table's description that comes from outside: nothing in it is believed before it has this shape. */
export const portableTableSchema: z.ZodType<PortableTable> = z.strictObject({
  description: z.strictObject({
    version: z.literal(1),
    format: z.enum(TABLE_FORMATS),
    dialect: z
      .strictObject({
        delimiter: z.string().length(1),
        quote: z.enum(['"', "'"]),
        encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
      })
      .exactOptional(),
    rowCount: count,
    columns: z
      .array(column)
      .min(1)
      .refine((columns) => new Set(columns.map((one) => one.name)).size === columns.length, 'names a column twice'),
  }),
  overrides: z.array(override),
});
