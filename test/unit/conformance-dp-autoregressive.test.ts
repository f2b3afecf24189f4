import { describe, it } from 'vitest';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { dpAutoregressive } from '../../src/plugins/dp-autoregressive/index.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

// A budget at which five hundred rows still have categories; a short fit.
const config = { epsilon: 10, bins: 8, harmonics: 3, fitting_rows: 256, fitting_steps: 10 };

describe('dp-autoregressive keeps the promises of the plugin API', () => {
  const options = {
    config,
    alternatives: { delta: [1e-9], row_count: [400] },
    freshProcess: {
      module: new URL('../../src/plugins/dp-autoregressive/index.ts', import.meta.url),
      exportName: 'dpAutoregressive',
      execArgv: typescriptExecArgv,
    },
    // The accountant takes tenths of a second of one core between two trials; tests share cores.
    cancelWithinMs: 1000,
  };
  it.each(generatorConformanceCases(dpAutoregressive, options))('$name', ({ run }) => run());
});
