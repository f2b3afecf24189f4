import { defineEvaluator } from '../../core/plugin-api/index.js';
import { fidelityConfig } from './config.js';
import { FIDELITY_METRICS } from './metrics.js';

export const fidelity = defineEvaluator({
  id: 'fidelity',
  title: 'Fidelity',
  description: 'How much the synthetic rows look like the real ones: columns, pairs and triples of columns, validity.',
  configSchema: fidelityConfig,
  metrics: FIDELITY_METRICS,
  needsHoldout: false,
  async loadRuntime() {
    const { fidelityRuntime } = await import('./runtime/index.js');
    return fidelityRuntime;
  },
});
