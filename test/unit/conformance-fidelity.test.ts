import { describe, it } from 'vitest';
import { evaluatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';

describe('fidelity keeps the promises of the plugin API', () => {
  it.each(evaluatorConformanceCases(fidelity))('$name', ({ run }) => run());
});
