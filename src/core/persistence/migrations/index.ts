import { Initial1795527133829 } from './1795527133829-initial.js';

/** In order; one that was released is never changed. */
export const MIGRATIONS = [Initial1795527133829];
