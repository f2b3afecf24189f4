import type { LedgerCharge } from '../ledger.js';
import { discreteLaplace } from '../noise/discrete-noise.js';
import type { NoiseSource } from '../noise/noise-source.js';

export interface NoisyRowCount {
  /** At least 1. */
  readonly rowCount: number;
  readonly charge: LedgerCharge;
}

/** The number of rows with two-sided geometric noise of scale 1/epsilon, rounded up to whole numbers. */
export function noisyRowCount(rows: number, epsilon: number, source: NoiseSource): NoisyRowCount {
  const scale = Math.ceil(1 / epsilon);
  return {
    rowCount: Math.max(1, rows + discreteLaplace(source, scale)),
    charge: {
      mechanism: `two-sided geometric noise of scale ${scale}`,
      reads: 'number of rows',
      runs: [{ mechanism: { type: 'approximate', epsilon: 1 / scale, delta: 0 }, count: 1 }],
    },
  };
}
