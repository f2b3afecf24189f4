import { describe, it } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import onnxCompute from '../support/onnx-compute.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

// A budget at which five hundred rows still have categories; short, small training.
const config = {
  epsilon: 10,
  encoding_share: 0.5,
  steps: 4,
  sampling_rate: 0.1,
  batch_size: 32,
  bins: 8,
  embedding_dim: 4,
  generator_dim: [8],
  discriminator_dim: [6],
};
const alternatives = {
  delta: [1e-9],
  row_count: [400],
  generator_dim: [[12], [8, 8]],
  discriminator_dim: [[9]],
};

describe('dp-ctgan keeps the promises of the plugin API', () => {
  const options = {
    config,
    alternatives,
    freshProcess: {
      module: new URL('../../src/plugins/dp-ctgan/index.ts', import.meta.url),
      exportName: 'dpCtgan',
      computeModule: new URL('../support/onnx-compute.ts', import.meta.url),
      execArgv: typescriptExecArgv,
    },
    compute: onnxCompute,
    // Compiling the training programs takes 0.2 s of one core without a pause; tests share cores.
    cancelWithinMs: 1000,
  };
  it.each(generatorConformanceCases(dpCtgan, options))('$name', ({ run }) => run());
});
