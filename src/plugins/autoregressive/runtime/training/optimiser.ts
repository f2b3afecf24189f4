import { Adam } from '../../../../core/plugin-api/index.js';

/** With a shorter memory of squared gradients than usual: training has hundreds of steps. */
export const adam = new Adam(0.9, 0.99);
