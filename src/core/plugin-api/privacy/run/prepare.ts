import type { FitRequest } from '../../generator.js';
import type { RunContext } from '../../run-context.js';
import { collectColumns } from '../../statistics/collect-columns.js';
import type { ColumnCoding } from '../encoding/column-coding.js';
import { fitPrivateEncoding } from '../encoding/private-encoding.js';
import { noisyRowCount } from '../encoding/row-count.js';
import { encodeTable, type TableCodes } from '../encoding/table-codes.js';
import { PrivacyLedger } from '../ledger.js';
import { cryptographicNoise, seededNoise, type NoiseSource } from '../noise/noise-source.js';
import type { PrivacyConfig } from './config-keys.js';

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
export async function preparePrivately(
  { source, config }: FitRequest<PrivacyConfig>,
  noise: NoiseSource,
  context: RunContext,
): Promise<PreparedTable> {
  context.report({ phase: 'prepare', completed: 0, total: 1 });
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
  context.report({ phase: 'prepare', completed: 1, total: 1, privacySpent: ledger.spent() });
  await context.tick();
  return { codings, table, rowCount, ledger };
}

/** 1/(n·√n): well below one in the number of rows. */
function standardDelta(rowCount: number): number {
  return Math.min(1e-2, rowCount ** -1.5);
}

/** Bits for a run's noise: the seed's where the user asked for one, so that nothing is private then. */
export function noiseOfRun({ seed, seedIsUsers }: RunContext, purpose: string): NoiseSource {
  return seedIsUsers ? seededNoise(seed, purpose) : cryptographicNoise();
}
