import {
  cryptographicNoise,
  seededNoise,
  type FitRequest,
  type FitSummary,
  type RunContext,
} from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';
import { expectedCountError, USEFUL_SHARE } from '../usefulness.js';
import type { DpCtganModel } from './model.js';
import { prepareTable, type PreparedTable } from './prepare.js';
import { trainGenerator, type TrainedGenerator } from './train.js';

/** Nothing of the rows is in the result but what the ledger's mechanisms released. */
export async function fitDpCtgan(request: FitRequest<DpCtganConfig>, context: RunContext): Promise<DpCtganModel> {
  const { config } = request;
  const noise = context.seedIsUsers ? seededNoise(context.seed, 'dp-ctgan.noise') : cryptographicNoise();
  context.report({ phase: 'prepare', completed: 0, total: 1 });
  const prepared = await prepareTable(request, noise, context);
  context.report({ phase: 'prepare', completed: 1, total: 1, privacySpent: prepared.ledger.spent() });
  const caveats = caveatsOf(noise.secret, prepared, config);
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

function caveatsOf(secret: boolean, { rowCount, codings }: PreparedTable, config: DpCtganConfig): string[] {
  const caveats: string[] = [];
  if (!secret) {
    caveats.push(
      'Not private: the noise was drawn from a seed that was given, and who knows the seed can take the noise away.',
    );
  }
  const error = expectedCountError(config.epsilon * config.encoding_share, rowCount, codings.length);
  if (error > USEFUL_SHARE * rowCount) {
    caveats.push(
      `Hardly useful: with epsilon ${config.epsilon} and about ${rowCount} rows, noise moves each count by about ${Math.round(error)} rows.`,
    );
  }
  return caveats;
}
