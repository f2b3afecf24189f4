import { defineGenerator, privatePreflight } from '../../core/plugin-api/index.js';
import { dpAutoregressiveConfig } from './config.js';

export const dpAutoregressive = defineGenerator({
  id: 'dp-autoregressive',
  title: 'Private autoregressive network',
  description:
    'Measures the relations of all pairs of columns once, with noise, and fits a network to them that draws each column given the columns before it. The most faithful rows under a promise of differential privacy, in seconds.',
  artefactVersion: 1,
  configSchema: dpAutoregressiveConfig,
  capabilities: {
    columnKinds: ['continuous', 'integer', 'categorical', 'boolean', 'datetime'],
    missingValues: true,
    conditionalSampling: 'exact',
    differentialPrivacy: { mechanism: 'noisy-statistics', unit: 'row', coveredStages: ['encoding', 'training'] },
    accelerator: 'none',
    conditionLists: true,
  },
  preflight: privatePreflight,
  loadRuntime: async () => (await import('./runtime/index.js')).dpAutoregressiveRuntime,
});
