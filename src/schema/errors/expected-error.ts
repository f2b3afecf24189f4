import { fromStatus, StudioError } from '../../core/errors/index.js';
import { asStorageError } from '../../core/persistence/database-errors.js';

/** The failure that the caller may hear of, or undefined for a fault. */
export function expectedError(error: unknown): StudioError | undefined {
  if (error instanceof StudioError) return error;
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'AbortError') return new StudioError('bad_request', 'The request was aborted');
  // Fastify and its plugins name the status of what a client did wrong.
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== undefined && statusCode < 500) return fromStatus(statusCode, error.message);
  return asStorageError(error);
}
