import { defineGenerator, definePluginPackage } from 'synthetic-data-studio/plugin-api';
import { z } from 'zod';

export const histogram = defineGenerator({
  id: 'histogram',
  title: 'Histograms',
  description: 'Draws each column by itself from a histogram: an example of a generator in a package of its own.',
  artefactVersion: 1,
  configSchema: z.strictObject({
    bins: z.int().min(1).max(1000).default(20).describe('Equally wide bins that the range of a number is cut into.'),
    minimum_count: z
      .int()
      .min(1)
      .max(10_000)
      .default(5)
      .describe('Bins and categories of fewer rows are left out, unless that leaves none.'),
  }),
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'none',
    differentialPrivacy: null,
    accelerator: 'none',
  },
  loadRuntime: async () => (await import('./runtime.js')).runtime,
});

export default definePluginPackage({
  name: 'synthetic-data-studio-histogram',
  version: '1.0.0',
  apiVersion: '^1.0.0',
  contributions: [histogram],
});
