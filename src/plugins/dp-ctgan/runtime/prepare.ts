import {
  collectColumns,
  encodeTable,
  fitPrivateEncoding,
  noisyRowCount,
  PrivacyLedger,
  type ColumnCoding,
  type FitRequest,
  type NoiseSource,
  type RunContext,
  type TableCodes,
} from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';

/** Of the encoding's epsilon, for counting the rows. */
const COUNT_SHARE = 0.05;

export interface PreparedTable {
  readonly codings: readonly ColumnCoding[];
  readonly table: TableCodes;
  /** Noisy or declared. */
  readonly rowCount: number;
  readonly ledger: PrivacyLedger;
}

/** Reads the table, and learns through mechanisms how to encode it. The exact number of rows goes no further than this. */
export async function prepareTable(
  { source, config }: FitRequest<DpCtganConfig>,
  noise: NoiseSource,
  context: RunContext,
): Promise<PreparedTable> {
  const { columns, rowCount: rows } = await collectColumns(source, Number.MAX_SAFE_INTEGER, context);
  const epsilon = config.epsilon * config.encoding_share;
  const count = config.row_count === null ? noisyRowCount(rows, epsilon * COUNT_SHARE, noise) : null;
  const rowCount = config.row_count ?? count!.rowCount;
  const ledger = new PrivacyLedger({ epsilon: config.epsilon, delta: config.delta ?? standardDelta(rowCount) });
  if (count) ledger.charge([count.charge]);
  const plan = { epsilon, bins: config.bins, rowCount };
  const { schema } = source;
  const codings = await fitPrivateEncoding(schema.columns, columns, plan, ledger, noise, () => context.tick());
  const table = encodeTable(codings, columns, rows);
  await context.tick();
  return { codings, table, rowCount, ledger };
}

/** 1/(n·√n): well below one in the number of rows. */
function standardDelta(rowCount: number): number {
  return Math.min(1e-2, rowCount ** -1.5);
}
