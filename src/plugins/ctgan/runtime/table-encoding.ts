import { type ColumnSchema, RandomStream, type RunContext } from '../../../core/plugin-api/index.js';
import { type DiscreteEncoding, fitDiscrete } from './discrete-encoding.js';
import { componentCount, encodeNumeric, fitNumeric, type NumericEncoding } from './numeric-encoding.js';
import type { TrainingTable } from './training-table.js';

export type ColumnEncoding = NumericEncoding | DiscreteEncoding;

/** Everything needed to turn rows into the networks' terms and back. Plain data: it is saved with the model. */
export interface TableEncoding {
  readonly schemas: readonly ColumnSchema[];
  readonly columns: readonly ColumnEncoding[];
}

/** The rows in compact form: one component for each column, and a scalar for each numeric one. One-hots are made by batch. */
export interface EncodedTable {
  readonly rowCount: number;
  readonly components: readonly Int32Array[];
  readonly scalars: readonly (Float32Array | null)[];
}

export async function encodeTable(
  table: TrainingTable,
  context: RunContext,
): Promise<{ readonly encoding: TableEncoding; readonly encoded: EncodedTable }> {
  const columns: ColumnEncoding[] = [];
  const components: Int32Array[] = [];
  const scalars: (Float32Array | null)[] = [];
  for (const [c, column] of table.columns.entries()) {
    await context.tick();
    if ('codes' in column || column.schema.kind === 'boolean') {
      const discrete = fitDiscrete(column);
      columns.push(discrete.encoding);
      components.push(discrete.components);
      scalars.push(null);
    } else {
      const { values, schema } = column;
      const encoding = fitNumeric(values, schema.kind, context.seed, `ctgan.mixture.${c}`);
      await context.tick();
      const random = new RandomStream(context.seed, `ctgan.component.${c}`);
      const encoded = await encodeNumeric(encoding, values, random, () => context.tick());
      columns.push(encoding);
      components.push(encoded.components);
      scalars.push(encoded.scalars);
    }
    context.report({ phase: 'prepare', completed: c + 1, total: table.columns.length });
  }
  return {
    encoding: { schemas: table.columns.map((column) => column.schema), columns },
    encoded: { rowCount: table.rowCount, components, scalars },
  };
}

export function sizeOfColumn(encoding: ColumnEncoding): number {
  return encoding.type === 'numeric' ? componentCount(encoding) : encoding.categories.length;
}
