import { Initial1795500000000 } from './1795500000000-initial.js';

/** In order; one that was released is never changed. */
export const MIGRATIONS = [Initial1795500000000];
