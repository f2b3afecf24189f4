import { describe, it } from 'vitest';
import { evaluatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { privacy } from '../../src/plugins/privacy/index.js';

describe('privacy keeps the promises of the plugin API', () => {
  const options = { alternatives: { known_columns: [['height']] } };
  for (const { name, run } of evaluatorConformanceCases(privacy, options)) it(name, run);
});
