import { defineEvaluator } from '../../core/plugin-api/index.js';
import { privacyConfig } from './config.js';
import { PRIVACY_METRICS } from './metrics.js';

export const privacy = defineEvaluator({
  id: 'privacy',
  title: 'Privacy',
  description:
    'How much the synthetic rows give away about the people in the training rows: distances, copies, and attacks measured against the same attacks on held-out people.',
  configSchema: privacyConfig,
  metrics: PRIVACY_METRICS,
  needsHoldout: true,
  async loadRuntime() {
    const { privacyRuntime } = await import('./runtime/index.js');
    return privacyRuntime;
  },
});
