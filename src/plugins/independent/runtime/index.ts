import type { z } from 'zod';
import {
  collectColumns,
  fitColumnMarginal,
  loadMarginals,
  marginalOptions,
  rowsToHold,
  type ColumnMarginal,
  type FitRequest,
  type GeneratorRuntime,
  type RunContext,
} from '../../../core/plugin-api/index.js';
import type { independentConfig } from '../config.js';
import { IndependentModel } from './independent-model.js';

type IndependentConfig = z.output<typeof independentConfig>;

export const independentRuntime: GeneratorRuntime<IndependentConfig> = {
  fit,
  restore: async (reader) => new IndependentModel(await loadMarginals(reader)),
};

async function fit({ source, config }: FitRequest<IndependentConfig>, context: RunContext): Promise<IndependentModel> {
  const { columns } = source.schema;
  const table = await collectColumns(source, rowsToHold(config, columns.length), context);
  if (table.rowCount === 0) throw new Error('The table has no rows to learn from');
  const options = marginalOptions(config);
  const marginals: ColumnMarginal[] = [];
  for (const [c, column] of table.columns.entries()) {
    marginals.push(fitColumnMarginal(columns[c]!, column, source.profile?.columns[c], options));
    context.report({ phase: 'train', completed: c + 1, total: columns.length });
    await context.tick();
  }
  return new IndependentModel(marginals);
}
