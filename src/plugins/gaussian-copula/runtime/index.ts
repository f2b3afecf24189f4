import type { GeneratorRuntime } from '../../../core/plugin-api/index.js';
import { loadModel } from './copula-model.js';
import { fitCopula, type GaussianCopulaConfig } from './fit-copula.js';
import { FittedCopula } from './fitted-copula.js';

export const gaussianCopulaRuntime: GeneratorRuntime<GaussianCopulaConfig> = {
  fit: async (request, context) => new FittedCopula(await fitCopula(request, context)),
  restore: async (reader) => new FittedCopula(await loadModel(reader)),
};
