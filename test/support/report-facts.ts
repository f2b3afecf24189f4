import type { ReportFacts } from '../../src/core/evaluations/report/index.js';

/** Facts of a generator with a privacy ledger and a training history. */
export function reportFacts(changes: { readonly name?: string; readonly datasetName?: string } = {}): ReportFacts {
  const epochs = Array.from({ length: 60 }, (_, i) => i);
  return {
    evaluationId: '5c1f6b52-1d0e-4a8e-9d4e-0f3f3a0c7d11',
    generator: {
      id: 'b2a7c0f4-2f2b-4f5e-8a65-0a6f6c8f3f22',
      type: 'dp-ctgan',
      name: changes.name ?? 'Census, first try',
      pluginVersion: '1.0.0',
      config: { epochs: 60, batch_size: 500, target_epsilon: 3 },
      seed: 42,
      rowCount: 20_000,
      conditions: [],
      summary: {
        metrics: { generator_loss: 0.4 },
        privacySpent: { epsilon: 2.94, delta: 1e-5 },
        privacyLedger: [
          { mechanism: 'DP-SGD, subsampled Gaussian', reads: 'critic steps', epsilon: 2.94, delta: 1e-5 },
        ],
        history: {
          generator_loss: epochs.map((i) => 2 * Math.exp(-i / 15) - 0.3),
          critic_loss: epochs.map((i) => -Math.exp(-i / 25) + 0.1 * Math.sin(i)),
        },
      },
    },
    dataset: {
      id: 'c3b8d1a5-3a3c-4b6f-9b76-1b7a7d9a4a33',
      name: changes.datasetName ?? 'adult.csv',
      rowCount: 32_561,
      columnCount: 15,
      checksum: 'sha256:1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeeff001',
      holdoutFraction: 0.2,
      setAside: [{ name: 'email', kind: 'identifier' }],
      privacy: {
        id: 'c3b8d1a5-3a3c-4b6f-9b76-1b7a7d9a4a33',
        epsilon: 4.94,
        delta: 2e-5,
        models: 3,
        unboundedModels: 1,
      },
    },
    seed: 7,
  };
}
