import { type FieldErrorCode, StudioError, type ErrorType } from '../errors/index.js';
import { isOutOfSpace } from '../storage/disk-errors.js';
import { TableError } from '../tables/index.js';

const TYPES: Readonly<Record<string, ErrorType>> = { unsupported_format: 'unsupported_format' };
const FIELD_CODES: Readonly<Record<string, FieldErrorCode>> = {
  unknown_column: 'unknown_column',
  impossible_kind: 'invalid_choice',
};

/** What the table reader found wrong, as the caller may hear it; other errors pass as they are. */
export function toStudioError(error: unknown): unknown {
  if (isOutOfSpace(error)) return new StudioError('insufficient_storage', 'No space left in DATA_DIR');
  if (!(error instanceof TableError)) return error;
  const type = TYPES[error.code];
  if (type !== undefined) return new StudioError(type, error.message);
  const field = error.field ?? 'file';
  return new StudioError('validation_error', error.message, {
    fields: [{ field, message: error.message, code: FIELD_CODES[error.code] ?? 'invalid_format' }],
  });
}
