import { defineGenerator } from '../../core/plugin-api/index.js';
import { gaussianCopulaConfig } from './config.js';
import { preflight } from './preflight.js';

export const gaussianCopula = defineGenerator({
  id: 'gaussian-copula',
  title: 'Gaussian copula',
  description:
    'Learns each column by itself and one correlation between each two columns. Trains in a second, samples fast, and draws exactly under conditions; relations that are not monotone are lost.',
  artefactVersion: 1,
  configSchema: gaussianCopulaConfig,
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'exact',
    differentialPrivacy: null,
    accelerator: 'none',
    conditionLists: true,
  },
  preflight,
  loadRuntime: async () => (await import('./runtime/index.js')).gaussianCopulaRuntime,
});
