import type { RunContext, TableSource } from '../../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../../config.js';
import { FieldEncoder } from './field-encoder.js';
import type { Field } from './field.js';
import { fitFields } from './fit-fields.js';
import { growFields, type GrownField } from './grow-fields.js';
import { observeTable, type ObservedTable } from './observe-table.js';

/** The whole table as tokens: one or two bytes a field and row. One-hots are made by batch. */
export interface TokenTable {
  readonly rowCount: number;
  readonly fields: readonly Field[];
  /** By field, by row. */
  readonly tokens: readonly (Uint8Array | Uint16Array)[];
}

const READ_ROWS = 16_384;

/** Reads the source twice: to find each column's tokens, and to write the rows in them. */
export function readTokens(
  source: TableSource,
  config: AutoregressiveConfig,
  context: RunContext,
): Promise<TokenTable> {
  return readWith(source, context, (observed) => fieldsOf(observed, source, config, context));
}

/** The same in the tokens of a model that is to learn these rows too, and where its old tokens are now. */
export async function readTokensOf(
  known: readonly Field[],
  source: TableSource,
  config: AutoregressiveConfig,
  context: RunContext,
): Promise<{ readonly table: TokenTable; readonly places: readonly Int32Array[] }> {
  let grown: readonly GrownField[] = [];
  const table = await readWith(source, context, async (observed) => {
    grown = growFields(known, observed, config);
    return grown.map(({ field }) => field);
  });
  return { table, places: grown.map(({ places }) => places) };
}

async function readWith(
  source: TableSource,
  context: RunContext,
  fieldsFor: (observed: ObservedTable) => Promise<readonly Field[]>,
): Promise<TokenTable> {
  context.report({ phase: 'prepare', completed: 0, total: 2 });
  const observed = await observeTable(source, context);
  const fields = await fieldsFor(observed);
  context.report({ phase: 'prepare', completed: 1, total: 2 });
  const tokens = await encodeRows(source, fields, observed, context);
  context.report({ phase: 'prepare', completed: 2, total: 2 });
  return { rowCount: observed.rowCount, fields, tokens };
}

async function fieldsOf(
  observed: ObservedTable,
  source: TableSource,
  config: AutoregressiveConfig,
  context: RunContext,
): Promise<Field[]> {
  const fields: Field[] = [];
  for (const [c, schema] of source.schema.columns.entries()) {
    await context.tick();
    warnIfAllRare(schema.name, observed.columns[c]!.counts, config, context);
    fields.push(...fitFields(schema, c, observed, source.profile?.columns[c], config));
  }
  return fields;
}

async function encodeRows(
  source: TableSource,
  fields: readonly Field[],
  observed: ObservedTable,
  context: RunContext,
): Promise<TokenTable['tokens']> {
  const encoders = fields.map((field) => new FieldEncoder(field, observed.columns[field.column]!.dictionary));
  const tokens = fields.map(({ size }) => {
    return size <= 256 ? new Uint8Array(observed.rowCount) : new Uint16Array(observed.rowCount);
  });
  let offset = 0;
  for await (const batch of source.batches(READ_ROWS)) {
    fields.forEach(({ column }, f) => encoders[f]!.encode(batch.columns[column]!, tokens[f]!, offset));
    offset += batch.rowCount;
    await context.tick();
  }
  return tokens;
}

function warnIfAllRare(
  name: string,
  counts: Float64Array | null,
  { rare_category_rows: rows }: AutoregressiveConfig,
  { logger }: RunContext,
): void {
  if (counts === null || !counts.some((count) => count > 0) || counts.some((count) => count >= rows)) return;
  logger.warn(`No category of "${name}" is held by ${rows} rows: all are kept, or the column would stay empty`);
}
