import type { EvaluatorRuntime } from '../../../core/plugin-api/index.js';
import type { FidelityConfig } from '../config.js';
import { evaluateFidelity } from './evaluate-fidelity.js';

export const fidelityRuntime: EvaluatorRuntime<FidelityConfig> = { evaluate: evaluateFidelity };
