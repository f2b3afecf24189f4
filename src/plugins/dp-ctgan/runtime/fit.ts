import {
  noiseOfRun,
  preparePrivately,
  privacyCaveats,
  type FitRequest,
  type FitSummary,
  type PreparedTable,
  type RunContext,
} from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';
import type { DpCtganModel } from './model.js';
import { trainGenerator, type TrainedGenerator } from './train.js';

/** Nothing of the rows is in the result but what the ledger's mechanisms released. */
export async function fitDpCtgan(request: FitRequest<DpCtganConfig>, context: RunContext): Promise<DpCtganModel> {
  const { config } = request;
  const noise = noiseOfRun(context, 'dp-ctgan.noise');
  const prepared = await preparePrivately(request, noise, context);
  const caveats = privacyCaveats(noise, prepared, config);
  caveats.forEach((caveat) => context.logger.warn(caveat));
  const trained = await trainGenerator(prepared, config, noise, context);
  return {
    codings: prepared.codings,
    networks: trained.networks,
    generator: trained.parameters,
    summary: summarise(prepared, trained, caveats),
  };
}

function summarise(
  { ledger, rowCount }: PreparedTable,
  trained: TrainedGenerator,
  caveats: readonly string[],
): FitSummary {
  return {
    metrics: {
      noise_multiplier: trained.noiseMultiplier,
      row_count: rowCount,
      generator_loss: trained.generatorLoss.at(-1)!,
    },
    privacySpent: ledger.spent(),
    privacyLedger: ledger.entries(),
    privacyCaveats: caveats,
    history: { generator_loss: trained.generatorLoss },
  };
}
