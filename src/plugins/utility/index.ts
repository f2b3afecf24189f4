import { defineEvaluator } from '../../core/plugin-api/index.js';
import { utilityConfig } from './config.js';
import { UTILITY_METRICS } from './metrics.js';

export const utility = defineEvaluator({
  id: 'utility',
  title: 'Utility',
  description:
    'How well models that learned from the synthetic rows predict held-out real rows, beside models that learned from real rows.',
  configSchema: utilityConfig,
  metrics: UTILITY_METRICS,
  needsHoldout: true,
  async loadRuntime() {
    const { utilityRuntime } = await import('./runtime/index.js');
    return utilityRuntime;
  },
});
