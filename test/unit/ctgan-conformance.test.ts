import { describe, it } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { ctgan } from '../../src/plugins/ctgan/index.js';
import onnxCompute from '../support/onnx-compute.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

describe('ctgan keeps the promises of the plugin API', () => {
  const cases = generatorConformanceCases(ctgan, {
    config: { epochs: 8, batch_size: 50, pac: 5, generator_dim: [32, 32], discriminator_dim: [32, 32] },
    alternatives: {
      batch_size: [100],
      pac: [10],
      generator_dim: [[32]],
      discriminator_dim: [[32]],
      generator_lr: [1e-3],
      discriminator_lr: [1e-3],
    },
    freshProcess: {
      module: new URL('../../src/plugins/ctgan/index.ts', import.meta.url),
      exportName: 'ctgan',
      computeModule: new URL('../support/onnx-compute.ts', import.meta.url),
      execArgv: typescriptExecArgv,
    },
    compute: onnxCompute,
  });
  it.each(cases)('$name', ({ run }) => run());
});
