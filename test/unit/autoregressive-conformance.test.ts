import { describe, it, vi } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../../src/plugins/autoregressive/index.js';
import onnxCompute from '../support/onnx-compute.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

vi.setConfig({ testTimeout: 60_000 });

describe('autoregressive keeps the promises of the plugin API', () => {
  const freshProcess = {
    module: new URL('../../src/plugins/autoregressive/index.ts', import.meta.url),
    exportName: 'autoregressive',
    computeModule: new URL('../support/onnx-compute.ts', import.meta.url),
    execArgv: typescriptExecArgv,
  };
  const options = {
    // Few epochs: the promises don't ask for quality.
    config: { epochs: 2, minimum_steps: 1, hidden_units: 4 },
    alternatives: { minimum_steps: [40], category_tokens: [2], maximum_steps: [1], rare_category_rows: [1] },
    companions: { category_tokens: { bins: 2 } },
    compute: onnxCompute,
    cancelWithinMs: 2000,
    freshProcess,
  };
  const cases = generatorConformanceCases(autoregressive, options);
  it.each(cases)('$name', ({ run }) => run());
});
