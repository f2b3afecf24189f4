import { describe, it } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { gaussianCopula } from '../../src/plugins/gaussian-copula/index.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

describe('gaussian-copula keeps the promises of the plugin API', () => {
  const module = new URL('../../src/plugins/gaussian-copula/index.ts', import.meta.url);
  const freshProcess = { module, exportName: 'gaussianCopula', execArgv: typescriptExecArgv };
  it.each(generatorConformanceCases(gaussianCopula, { freshProcess }))('$name', ({ run }) => run());
});
