import { describe, it } from 'vitest';
import { evaluatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { utility } from '../../src/plugins/utility/index.js';

// Five classes are the most that the standard table has: fewer must change something.
const cases = evaluatorConformanceCases(utility, { alternatives: { maximum_classes: [2] } });

describe('utility keeps the promises of the plugin API', () => {
  it.each(cases)('$name', ({ run }) => run());
});
