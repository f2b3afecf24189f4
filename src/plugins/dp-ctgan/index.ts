import { defineGenerator, privatePreflight } from '../../core/plugin-api/index.js';
import { dpCtganConfig } from './config.js';

export const dpCtgan = defineGenerator({
  id: 'dp-ctgan',
  title: 'DP-CTGAN',
  description:
    'A generative adversarial network whose every look at the rows is differentially private: whatever it gives away of any one row is bounded by epsilon, and a ledger tells what was spent on what.',
  artefactVersion: 1,
  configSchema: dpCtganConfig,
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'exact',
    differentialPrivacy: { mechanism: 'dp-sgd', unit: 'row', coveredStages: ['encoding', 'sampling', 'training'] },
    accelerator: 'optional',
    conditionLists: true,
  },
  preflight: privatePreflight,
  loadRuntime: async () => (await import('./runtime/index.js')).dpCtganRuntime,
});
