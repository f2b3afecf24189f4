import { defineEvaluator, definePluginPackage } from 'synthetic-data-studio/plugin-api';
import { z } from 'zod';

export const coverage = defineEvaluator({
  id: 'coverage',
  title: 'Coverage',
  description:
    'How much of what real columns hold the synthetic rows reach: an example of an evaluator in a package of its own.',
  configSchema: z.strictObject({
    bins: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('Equally wide bins that the real range of a number is cut into.'),
  }),
  metrics: [
    {
      id: 'coverage',
      title: 'Coverage',
      description:
        'The share of real categories and of filled bins of real numbers that any row reaches, on average over the columns.',
      scope: 'dataset',
      range: [0, 1],
      better: 'higher',
      headline: true,
    },
    {
      id: 'column_coverage',
      title: 'Coverage of a column',
      description: 'The share of the categories or filled bins of this column that any row reaches.',
      scope: 'column',
      range: [0, 1],
      better: 'higher',
    },
  ],
  needsHoldout: false,
  loadRuntime: async () => (await import('./runtime.js')).runtime,
});

export default definePluginPackage({
  name: 'synthetic-data-studio-coverage',
  version: '1.0.0',
  apiVersion: '^1.0.0',
  contributions: [coverage],
});
