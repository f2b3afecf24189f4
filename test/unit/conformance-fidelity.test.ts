import { describe, it } from 'vitest';
import { evaluatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';

describe('fidelity keeps the promises of the plugin API', () => {
  for (const { name, run } of evaluatorConformanceCases(fidelity)) it(name, run);
});
