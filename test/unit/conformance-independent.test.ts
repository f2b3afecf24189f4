import { describe, it } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { independent } from '../../src/plugins/independent/index.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

describe('independent keeps the promises of the plugin API', () => {
  const module = new URL('../../src/plugins/independent/index.ts', import.meta.url);
  const freshProcess = { module, exportName: 'independent', execArgv: typescriptExecArgv };
  it.each(
    generatorConformanceCases(independent, {
      freshProcess,
      alternatives: { rare_category_rows: [150] },
    }),
  )('$name', ({ run }) => run());
});
