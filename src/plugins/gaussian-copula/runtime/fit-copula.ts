import {
  collectColumns,
  fitColumnMarginal,
  isCoded,
  keptCategories,
  marginalOptions,
  rowsToHold,
  type CollectedTable,
  type ColumnMarginal,
  type FitRequest,
  type RunContext,
} from '../../../core/plugin-api/index.js';
import type { z } from 'zod';
import type { gaussianCopulaConfig } from '../config.js';
import { orderByAssociation } from './category-order.js';
import { groupColumn, type ColumnGroups } from './column-groups.js';
import { latentCorrelations } from './correlation.js';
import { latentDimensionsOf, scoresOf } from './latent-dimension.js';
import { repairCorrelation } from './positive-definite.js';
import type { CopulaModel } from './copula-model.js';

export type GaussianCopulaConfig = z.output<typeof gaussianCopulaConfig>;

/** Rows that category orders are found from. */
const ORDERING_ROWS = 20_000;
/** Multiplications that the correlations may cost: a wide table's are taken from fewer rows. */
const CORRELATION_PRODUCTS = 2e10;
const FEWEST_CORRELATION_ROWS = 2000;

export async function fitCopula(
  { source, config }: FitRequest<GaussianCopulaConfig>,
  context: RunContext,
): Promise<CopulaModel> {
  const mostRows = rowsToHold(config, source.schema.columns.length);
  const table = await collectColumns(source, mostRows, context);
  if (table.rowCount === 0) throw new Error('The table has no rows to learn from');
  context.report({ phase: 'train', completed: 1, total: 4 });
  const marginals = await fitMarginals(source, table, config, context);
  context.report({ phase: 'train', completed: 2, total: 4 });
  const dimensions = latentDimensionsOf(marginals);
  const most = Math.max(
    FEWEST_CORRELATION_ROWS,
    Math.floor(CORRELATION_PRODUCTS / Math.max(1, dimensions.length) ** 2),
  );
  const rows = spreadRows(table.rowCount, most);
  const scores = [];
  for (const dimension of dimensions) {
    scores.push(scoresOf(dimension, marginals[dimension.column]!, table.columns[dimension.column]!, rows));
    await context.tick();
  }
  const { correlation, factor, largestChange } = await repairCorrelation(
    await latentCorrelations(dimensions, scores, context),
    context,
  );
  context.report({ phase: 'train', completed: 4, total: 4 });
  const metrics = {
    training_rows: table.rowCount,
    latent_dimensions: dimensions.length,
    largest_correlation_repair: largestChange,
  };
  return { marginals, dimensions, correlation, factor, metrics };
}

async function fitMarginals(
  source: FitRequest<GaussianCopulaConfig>['source'],
  table: CollectedTable,
  config: GaussianCopulaConfig,
  context: RunContext,
): Promise<ColumnMarginal[]> {
  const options = marginalOptions(config);
  const fit = (c: number, order?: readonly number[]) => {
    return fitColumnMarginal(source.schema.columns[c]!, table.columns[c]!, source.profile?.columns[c], options, order);
  };
  const marginals: ColumnMarginal[] = [];
  for (let c = 0; c < table.columns.length; c++) {
    marginals.push(fit(c));
    await context.tick();
  }
  if (config.category_order === 'frequency') return marginals;
  const rows = spreadRows(table.rowCount, ORDERING_ROWS);
  const groups: ColumnGroups[] = [];
  for (const [c, column] of table.columns.entries()) {
    groups.push(groupColumn(column, marginals[c]!, rows));
    await context.tick();
  }
  const share = 1 / table.columns.filter(isCoded).length;
  for (const [c, column] of table.columns.entries()) {
    if (!isCoded(column)) continue;
    const others = groups.filter((_, other) => other !== c);
    const kept = keptCategories(column, config.rare_category_rows);
    marginals[c] = fit(c, await orderByAssociation(column, kept, others, rows, share, context));
  }
  return marginals;
}

/** At most so many rows, evenly spread. */
function spreadRows(rowCount: number, most: number): Int32Array {
  const count = Math.min(rowCount, most);
  return Int32Array.from({ length: count }, (_, k) => Math.floor((k * rowCount) / count));
}
