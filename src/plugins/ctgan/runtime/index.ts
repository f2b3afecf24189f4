import type { GeneratorRuntime } from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { createModel, restoreModel } from './fitted-model.js';
import { layoutOf } from './layout.js';
import { encodeTable } from './table-encoding.js';
import { train } from './training.js';
import { readTable } from './training-table.js';

/** Conditional tabular GAN: Xu, Skoularidou, Cuesta-Infante, Veeramachaneni, NeurIPS 2019 (arXiv 1907.00503). */
export const ctganRuntime: GeneratorRuntime<CtganConfig> = {
  async fit({ source, config }, context) {
    if (config.batch_size % config.pac !== 0) {
      throw new Error(`batch_size ${config.batch_size} is not divisible by pac ${config.pac}`);
    }
    const { encoding, encoded } = await encodeTable(await readTable(source, context), context);
    const { weights, history } = await train(layoutOf(encoding), config, encoding, encoded, context);
    const metrics = {
      generator_loss: history.generator_loss.at(-1)!,
      discriminator_loss: history.discriminator_loss.at(-1)!,
    };
    const summary = { metrics, privacySpent: null, history: { ...history } };
    return createModel({ config, encoding, summary }, weights, context);
  },
  restore: restoreModel,
};
