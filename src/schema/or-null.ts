import { StudioError } from '../core/errors/index.js';

/** A query for one thing by its id answers null where there is none. */
export async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof StudioError && error.type === 'resource_not_found') return null;
    throw error;
  }
}
