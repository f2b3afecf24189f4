import { Initial1795522822572 } from './1795522822572-initial.js';

/** In order; one that was released is never changed. */
export const MIGRATIONS = [Initial1795522822572];
