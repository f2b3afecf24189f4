import { z } from 'zod';

/** Other values of each config key than the one in use, derived from the JSON Schema: null where none can be. */
export function derivedAlternatives(schema: z.ZodObject, key: string, current: unknown): readonly unknown[] | null {
  const json = z.toJSONSchema(schema, { io: 'input' }) as { properties: Record<string, KeySchema> };
  const candidates = candidatesOf(json.properties[key]!, current);
  const others = candidates?.filter((candidate) => JSON.stringify(candidate) !== JSON.stringify(current));
  return others?.length ? others : null;
}

interface KeySchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: KeySchema;
  readonly minimum?: number;
  readonly maximum?: number;
}

function candidatesOf(schema: KeySchema, current: unknown): readonly unknown[] | null {
  if (schema.enum) return schema.enum;
  if (schema.type === 'boolean') return [true, false];
  if (schema.type === 'array' && schema.items?.enum) return schema.items.enum.map((item) => [item]);
  if (schema.type === 'integer') return numbers(schema, Number(current)).map(Math.round);
  if (schema.type === 'number') return numbers(schema, Number(current));
  return null;
}

// The least allowed first: of a number of epochs or rows it is the quickest to try.
function numbers({ minimum = -Infinity, maximum = Infinity }: KeySchema, current: number): number[] {
  const within = (x: number) => Number.isFinite(x) && x >= minimum && x <= maximum;
  return [minimum, current / 2, current * 2, current + 1].filter(within);
}
