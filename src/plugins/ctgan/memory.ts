import type { DatasetProfile, TableSchema } from '../../core/plugin-api/index.js';
import type { CtganConfig } from './config.js';

export const MEMORY_LIMIT_BYTES = 2 * 2 ** 30;

const NUMERIC_COMPONENTS = 21;
const FLOAT = 4;
/**
 * Weights and two moments, gradients, the products that they are sums of, and the copy that is taken out in the end. Chosen
 * to lie above what was measured (peak resident memory, batches of 500): 300 numeric columns 810 MiB, a column of 2,000
 * categories beside five numeric ones 916 MiB, ten numeric columns 291 MiB.
 */
const COPIES_OF_PARAMETERS = 9;
const COPIES_OF_BATCH = 24;
const PROCESS_BYTES = 280 * 2 ** 20;

/** Memory that training takes at most, and the column that takes most of it. */
export function estimateMemory(
  schema: TableSchema,
  { rowCount, columns }: DatasetProfile,
  config: CtganConfig,
): { readonly bytes: number; readonly widest: { readonly name: string; readonly values: number } } {
  const sizes = schema.columns.map(({ kind }, c) => {
    const isDiscrete = kind === 'categorical' || kind === 'boolean';
    return { isDiscrete, size: isDiscrete ? columns[c]!.distinctCount + 1 : NUMERIC_COMPONENTS };
  });
  const conditions = sizes.reduce((sum, { isDiscrete, size }) => sum + (isDiscrete ? size : 0), 0);
  const width = sizes.reduce((sum, { size }) => sum + size, 0);
  const parameters = countParameters(width, conditions, config);
  const batch = config.batch_size * (width + conditions);
  const table = rowCount * schema.columns.length * 20;
  const widest = sizes.reduce((best, { size }, c) => (size > sizes[best]!.size ? c : best), 0);
  return {
    bytes: FLOAT * (COPIES_OF_PARAMETERS * parameters + COPIES_OF_BATCH * batch) + table + PROCESS_BYTES,
    widest: { name: schema.columns[widest]!.name, values: columns[widest]!.distinctCount },
  };
}

function countParameters(width: number, conditions: number, config: CtganConfig): number {
  let input = config.embedding_dim + conditions;
  let count = 0;
  for (const layer of config.generator_dim) {
    count += input * layer;
    input += layer;
  }
  count += input * width;
  let below = config.pac * (width + conditions);
  for (const layer of config.discriminator_dim) {
    count += below * layer;
    below = layer;
  }
  return count;
}
