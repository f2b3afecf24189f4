import { describe, expect, it } from 'vitest';
import { addUp, type JobState } from '../../src/core/privacy/privacy-account.js';
import type { PrivacyCharge } from '../../src/core/privacy/privacy-charge.entity.js';
import { privacyCost } from '../../src/core/privacy/privacy-cost.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import { independent } from '../../src/plugins/independent/index.js';

const charge = (changes: Partial<PrivacyCharge> = {}): PrivacyCharge => ({
  id: 'g',
  datasetId: 'd',
  jobId: 'j',
  bounded: true,
  epsilon: 2,
  delta: 1e-5,
  settled: false,
  ...changes,
});
const job = (changes: Partial<JobState>): JobState => ({
  status: 'running',
  startedAt: new Date(0),
  metrics: null,
  ...changes,
});

describe('what is spent on a dataset', () => {
  it('is the budget of a run that failed or was cancelled after it began', () => {
    for (const status of ['failed', 'cancelled', 'running'] as const) {
      expect(addUp([{ charge: charge(), job: job({ status }) }])).toMatchObject({ epsilon: 2, models: 1 });
    }
  });

  it('is nothing for a run that was cancelled before it began', () => {
    const cancelled = job({ status: 'cancelled', startedAt: null });
    expect(addUp([{ charge: charge(), job: cancelled }])).toEqual({
      epsilon: 0,
      delta: 0,
      models: 0,
      unboundedModels: 0,
    });
  });

  it('has the δ that a run has told of so far where the plugin chooses it', () => {
    const chosen = charge({ delta: null });
    expect(addUp([{ charge: chosen, job: job({ metrics: { delta: 1e-4 } }) }]).delta).toBe(1e-4);
    expect(addUp([{ charge: chosen, job: job({ metrics: null }) }]).delta).toBe(0);
  });

  it('stays when the job is gone', () => {
    expect(addUp([{ charge: charge({ settled: true }), job: null }])).toMatchObject({ epsilon: 2, models: 1 });
  });
});

describe('what a run may cost', () => {
  it('is the budget of its config, without a bound where the noise can be drawn again', () => {
    const config = dpCtgan.configSchema.parse({ epsilon: 3 });
    expect(privacyCost(dpCtgan, config, false)).toEqual({ bounded: true, epsilon: 3, delta: null });
    expect(privacyCost(dpCtgan, config, true)).toMatchObject({ bounded: false, epsilon: 3 });
  });

  it('has no bound for a generator that promises nothing', () => {
    expect(privacyCost(independent, {}, false)).toMatchObject({ bounded: false, epsilon: 0 });
  });
});
