import { defineGenerator } from '../../core/plugin-api/index.js';
import { independentConfig } from './config.js';

export const independent = defineGenerator({
  id: 'independent',
  title: 'Independent columns',
  description:
    'Draws each column by itself, so that all relations between columns are lost: the control that every other generator must beat.',
  artefactVersion: 1,
  configSchema: independentConfig,
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'none',
    differentialPrivacy: null,
    accelerator: 'none',
  },
  preflight: ({ columns }) =>
    columns.length > 0 ? [] : [{ severity: 'error', code: 'no_columns', message: 'The table has no column to learn.' }],
  loadRuntime: async () => (await import('./runtime/index.js')).independentRuntime,
});
