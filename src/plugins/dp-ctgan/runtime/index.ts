import type { GeneratorRuntime } from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';
import { fitDpCtgan } from './fit.js';
import { FittedDpCtgan } from './fitted-model.js';
import { loadModel } from './model.js';

export const dpCtganRuntime: GeneratorRuntime<DpCtganConfig> = {
  fit: async (request, context) => new FittedDpCtgan(await fitDpCtgan(request, context)),
  restore: async (reader) => new FittedDpCtgan(await loadModel(reader)),
};
