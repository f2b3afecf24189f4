import { StudioError } from '../errors/index.js';
import { isOutOfSpace } from '../storage/disk-errors.js';

// Primary result codes: https://www.sqlite.org/rescode.html
const SQLITE = { busy: 5, locked: 6, readOnly: 8, ioError: 10, full: 13, cannotOpen: 14 } as const;

/** Whether a write broke a unique index: a row with this key is already there. */
export function isUniqueViolation(error: unknown): boolean {
  const { code, message } = driverError(error);
  return code === '23505' || /UNIQUE constraint failed|PRIMARY KEY constraint failed/i.test(message ?? '');
}

/** Whether another process held the database for longer than the busy timeout; a new try may succeed. */
export function isDatabaseBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE.busy || code === SQLITE.locked;
}

export function isDatabaseFull(error: unknown): boolean {
  return sqliteCode(error) === SQLITE.full || isOutOfSpace(driverError(error));
}

export function isDatabaseReadOnly(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE.readOnly || code === SQLITE.cannotOpen || driverError(error).code === 'EROFS';
}

/** What the user can do something about, as the error that tells it; undefined for any other fault. */
export function asStorageError(error: unknown): StudioError | undefined {
  if (isDatabaseFull(error)) return new StudioError('insufficient_storage', 'No space left in DATA_DIR');
  if (isDatabaseReadOnly(error)) return new StudioError('insufficient_storage', 'DATA_DIR cannot be written to');
  if (isDatabaseBusy(error)) {
    return new StudioError('unavailable', 'The database is busy: another process holds it', { retryAfter: 1 });
  }
  return undefined;
}

interface DriverError {
  readonly code?: string;
  readonly message?: string;
  /** Result code: of `sqlite3`, but a negative number for a system error of Node. */
  readonly errno?: number;
  /** Extended result code: of `node:sqlite`. */
  readonly errcode?: number;
}

/** TypeORM keeps the driver's own error inside a QueryFailedError. */
function driverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  return ((error as { driverError?: DriverError }).driverError ?? error) as DriverError;
}

function sqliteCode(error: unknown): number | undefined {
  const { code, errno, errcode } = driverError(error);
  const extended = errcode ?? (code?.startsWith('SQLITE_') === true ? errno : undefined);
  return extended === undefined ? undefined : extended & 0xff;
}
