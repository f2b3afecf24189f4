import type { EvaluatorRuntime } from '../../../core/plugin-api/index.js';
import type { UtilityConfig } from '../config.js';
import { evaluateUtility } from './evaluate-utility.js';

export const utilityRuntime: EvaluatorRuntime<UtilityConfig> = { evaluate: evaluateUtility };
