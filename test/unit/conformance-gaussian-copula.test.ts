import { describe, it } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { gaussianCopula } from '../../src/plugins/gaussian-copula/index.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

describe('gaussian-copula keeps the promises of the plugin API', () => {
  const module = new URL('../../src/plugins/gaussian-copula/index.ts', import.meta.url);
  const freshProcess = { module, exportName: 'gaussianCopula', execArgv: typescriptExecArgv };
  for (const { name, run } of generatorConformanceCases(gaussianCopula, { freshProcess })) it(name, run);
});
