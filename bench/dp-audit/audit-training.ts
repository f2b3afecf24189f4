import {
  cryptographicNoise,
  findNoiseMultiplier,
  RandomStream,
  type Compute,
  type PrivacySpent,
  type TableCodes,
} from '../../src/core/plugin-api/index.js';
import { dpCtgan } from '../../src/plugins/dp-ctgan/index.js';
import { PrivateGradient } from '../../src/plugins/dp-ctgan/runtime/private-gradient.js';
import { compileTraining, networksOf } from '../../src/plugins/dp-ctgan/runtime/programs.js';
import { parameterCount } from '../../src/plugins/dp-ctgan/runtime/tensors.js';
import { CANARIES, GUESSES, tossCoins } from './canaries.js';
import { guess, type AuditOutcome } from './one-run-bound.js';

export type TrainingSabotage = 'none' | 'no noise' | 'no clipping';

const STEPS = 20;
const SAMPLING_RATE = 0.5;
const CLIP_NORM = 0.05;

/**
 * Audits the gradients as one sees them who watches training: every canary row has a code of its own, so that a row of the
 * first layer's gradient is moved by it alone. The critic stands still, which the promise allows an adversary to arrange.
 */
export async function auditTraining(
  compute: Compute,
  budget: PrivacySpent,
  sabotage: TrainingSabotage,
): Promise<AuditOutcome> {
  const clipNorm = sabotage === 'no clipping' ? 1e9 : CLIP_NORM;
  const config = dpCtgan.configSchema.parse({
    discriminator_dim: [4],
    generator_dim: [2],
    embedding_dim: 2,
    batch_size: 10,
    clip_norm: Math.min(clipNorm, 1000),
  });
  const networks = networksOf([{ codes: CANARIES, ordered: 0 }], config);
  const included = tossCoins();
  const table = tableOf(included);
  const noiseMultiplier = await findNoiseMultiplier({ budget, samplingRate: SAMPLING_RATE, steps: STEPS });
  const programs = await compileTraining(compute, networks, config);
  const critic = randomCritic(parameterCount(networks.critic));
  await programs.setState({ critic });
  const gradients = new PrivateGradient(table, networks, cryptographicNoise(), {
    samplingRate: SAMPLING_RATE,
    clipNorm: CLIP_NORM,
    noiseMultiplier: sabotage === 'no noise' ? 0 : noiseMultiplier,
    expectedBatch: 1,
  });
  const scores = Array.from({ length: CANARIES }, () => 0);
  const [units] = config.discriminator_dim as [number];
  const signs = outputSigns(critic, units);
  for (let step = 0; step < STEPS; step++) {
    const gradient = await gradients.next(programs);
    scores.forEach((_, i) => {
      for (let unit = 0; unit < units; unit++) scores[i]! += signs[unit]! * gradient[i * units + unit]!;
    });
  }
  programs.dispose();
  return guess(scores, included, GUESSES);
}

function tableOf(included: readonly boolean[]): TableCodes {
  const codes = Uint16Array.from([...included.keys()].filter((i) => included[i]));
  return { rowCount: codes.length, columnCount: 1, codes };
}

/** Large weights: without clipping one row counts for much more than the noise allows for. */
function randomCritic(length: number): Float32Array {
  const stream = new RandomStream(1, 'audit.critic');
  return Float32Array.from({ length }, () => 4 * stream.next() - 2);
}

/** A real row's gradient has, at each unit of the only hidden layer, the sign opposite to the unit's weight in the logit. */
function outputSigns(critic: Float32Array, units: number): number[] {
  const start = (CANARIES + 1) * units;
  return Array.from({ length: units }, (_, unit) => -Math.sign(critic[start + unit]!));
}
