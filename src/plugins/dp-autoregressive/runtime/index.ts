import type { GeneratorRuntime } from '../../../core/plugin-api/index.js';
import type { DpAutoregressiveConfig } from '../config.js';
import { fitDpAutoregressive } from './fit.js';
import { FittedDpAutoregressive } from './fitted-model.js';
import { loadModel } from './model.js';

export const dpAutoregressiveRuntime: GeneratorRuntime<DpAutoregressiveConfig> = {
  fit: async (request, context) => new FittedDpAutoregressive(await fitDpAutoregressive(request, context)),
  restore: async (reader) => new FittedDpAutoregressive(await loadModel(reader)),
};
