import { describe, it } from 'vitest';
import { evaluatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { privacy } from '../../src/plugins/privacy/index.js';

const cases = evaluatorConformanceCases(privacy, { alternatives: { known_columns: [['height']] } });

describe('privacy keeps the promises of the plugin API', () => {
  it.each(cases)('$name', ({ run }) => run());
});
