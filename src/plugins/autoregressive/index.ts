import { defineGenerator } from '../../core/plugin-api/index.js';
import { autoregressiveConfig } from './config.js';
import { preflight } from './preflight.js';

export const autoregressive = defineGenerator({
  id: 'autoregressive',
  title: 'Autoregressive network',
  description:
    'Learns each column given the columns before it, with one small network a column. The most faithful rows in seconds, relations of any form, conditions on any columns.',
  artefactVersion: 1,
  configSchema: autoregressiveConfig,
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'exact',
    differentialPrivacy: null,
    accelerator: 'optional',
  },
  preflight,
  loadRuntime: async () => (await import('./runtime/index.js')).autoregressiveRuntime,
});
