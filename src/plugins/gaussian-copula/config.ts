import { z } from 'zod';
import { marginalConfigKeys } from '../../core/plugin-api/index.js';

export const gaussianCopulaConfig = z.strictObject({
  ...marginalConfigKeys,
  category_order: z
    .enum(['association', 'frequency'])
    .default('association')
    .describe(
      'Order in which the categories of a column lie along its normal variable: by their association with the other columns, which keeps relations best, or by frequency.',
    ),
});
