import { Adam } from '../../../core/plugin-api/index.js';

/** With the paper's betas. */
export const adam = new Adam(0.5, 0.9);
