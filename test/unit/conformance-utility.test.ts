import { describe, it } from 'vitest';
import { evaluatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { utility } from '../../src/plugins/utility/index.js';

describe('utility keeps the promises of the plugin API', () => {
  // Five classes are the most that the standard table has: fewer must change something.
  for (const { name, run } of evaluatorConformanceCases(utility, { alternatives: { maximum_classes: [2] } })) {
    it(name, run);
  }
});
