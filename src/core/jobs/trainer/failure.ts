import { StudioError } from '../../errors/index.js';
import { isOutOfSpace } from '../../storage/disk-errors.js';
import type { TrainerFailure } from './messages.js';

/** What the owner of a job is told of an error, with the stack for the log. */
export function toFailure(error: unknown): TrainerFailure {
  const { message, name, stack } = error instanceof Error ? error : new Error(String(error));
  const withStack = stack === undefined ? {} : { stack };
  if (error instanceof StudioError) {
    return {
      type: error.type,
      detail: message,
      ...(error.fields.length > 0 && { fields: error.fields }),
      ...withStack,
    };
  }
  // A plugin knows nothing of the catalogue: it refuses a condition with an error of the public API.
  if (name === 'ConditionError') return { type: 'validation_error', detail: message, ...withStack };
  if (isOutOfSpace(error)) return { type: 'insufficient_storage', detail: 'No space left in DATA_DIR', ...withStack };
  if (isOutOfMemory(error)) return { type: 'out_of_memory', detail: `Not enough memory: ${message}`, ...withStack };
  return { type: 'internal_error', detail: `${name}: ${message}`, ...withStack };
}

function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /array buffer allocation failed|invalid typed array length|out of memory/i.test(error.message)
  );
}
