import { defineGenerator } from '../../core/plugin-api/index.js';
import { ctganConfig } from './config.js';
import { preflight } from './preflight.js';

export const ctgan = defineGenerator({
  id: 'ctgan',
  title: 'CTGAN',
  description:
    'A generative adversarial network for tables: a generator learns to make rows that a critic cannot tell from real ones. Takes minutes; keeps relations of any form.',
  artefactVersion: 1,
  configSchema: ctganConfig,
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'biased',
    differentialPrivacy: null,
    accelerator: 'optional',
    conditionLists: true,
  },
  preflight,
  loadRuntime: async () => (await import('./runtime/index.js')).ctganRuntime,
});
