import {
  leastNoise,
  noiseOfRun,
  preparePrivately,
  privacyCaveats,
  type FitRequest,
  type MechanismRuns,
  type NoiseSource,
  type PreparedTable,
  type RunContext,
} from '../../../core/plugin-api/index.js';
import type { DpAutoregressiveConfig } from '../config.js';
import { featuresOf, type ColumnFeatures } from './column-features.js';
import { fitNetwork } from './fit-network.js';
import type { DpAutoregressiveModel } from './model.js';
import { measureRelations, relationCount, type Relations } from './relations.js';

/** Nothing of the rows is in the result but what the ledger's mechanisms released. */
export async function fitDpAutoregressive(
  request: FitRequest<DpAutoregressiveConfig>,
  context: RunContext,
): Promise<DpAutoregressiveModel> {
  const { config } = request;
  const noise = noiseOfRun(context, 'dp-autoregressive.noise');
  const prepared = await preparePrivately(request, noise, context);
  const { codings, ledger, rowCount } = prepared;
  const caveats = privacyCaveats(noise, prepared, config);
  caveats.forEach((caveat) => context.logger.warn(caveat));
  const features = codings.map((coding) => featuresOf(coding, config.harmonics));
  const { relations, noiseMultiplier } = await payForRelations(prepared, features, config, noise, context);
  const privacySpent = ledger.spent();
  const size = { rows: config.fitting_rows, steps: config.fitting_steps };
  const networks = await fitNetwork(features, relations, size, context, (completed) =>
    context.report({ phase: 'train', completed, total: features.length, privacySpent }),
  );
  const metrics = { row_count: rowCount, noise_multiplier: noiseMultiplier };
  const summary = { metrics, privacySpent, privacyLedger: ledger.entries(), privacyCaveats: caveats };
  return { codings, harmonics: config.harmonics, networks, summary };
}

/** Measures the relations with all that the encoding left of epsilon. A table that has none pays nothing. */
async function payForRelations(
  { table, ledger, rowCount }: PreparedTable,
  features: readonly ColumnFeatures[],
  config: DpAutoregressiveConfig,
  noise: NoiseSource,
  context: RunContext,
): Promise<{ readonly relations: Relations; readonly noiseMultiplier: number }> {
  const count = relationCount(features);
  if (count === 0) return { relations: features.map((_, c) => noRelations(c)), noiseMultiplier: 0 };
  const noiseMultiplier = await leastNoise(ledger.budget, ledger.runs(), oneRelease, () => context.tick());
  ledger.charge([
    {
      mechanism: `Gaussian noise of ${noiseMultiplier.toFixed(3)} times the most that a row counts, ${config.clip_norm} times what an average row is expected to`,
      reads: `${count} sums of products of features of two columns`,
      runs: oneRelease(noiseMultiplier),
    },
  ]);
  const plan = { clipNorm: config.clip_norm, noiseMultiplier, rowCount };
  return { relations: await measureRelations(table, features, plan, noise, context), noiseMultiplier };
}

function oneRelease(noiseMultiplier: number): MechanismRuns[] {
  return [{ mechanism: { type: 'gaussian', noiseMultiplier }, count: 1 }];
}

function noRelations(earlier: number): Relations[number] {
  return Array.from({ length: earlier }, () => ({ products: new Float64Array(), deviations: new Float64Array() }));
}
