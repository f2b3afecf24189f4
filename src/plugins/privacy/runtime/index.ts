import type { EvaluatorRuntime } from '../../../core/plugin-api/index.js';
import type { PrivacyConfig } from '../config.js';
import { evaluatePrivacy } from './evaluate-privacy.js';

export const privacyRuntime: EvaluatorRuntime<PrivacyConfig> = { evaluate: evaluatePrivacy };
