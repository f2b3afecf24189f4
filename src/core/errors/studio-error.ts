import { STATUS_CODES } from 'node:http';

/** The catalogue of coded errors: `type` in REST's envelope and `code` in GraphQL, with the HTTP status of each. */
export const ERROR_CATALOGUE = {
  bad_request: 400,
  already_exists: 400,
  unsupported_format: 400,
  authentication_error: 401,
  token_expired: 401,
  permission_denied: 403,
  resource_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  range_not_satisfiable: 416,
  validation_error: 422,
  rate_limit_exceeded: 429,
  concurrency_limit_exceeded: 429,
  internal_error: 500,
  insufficient_storage: 507,
  unavailable: 503,
} as const;

export type ErrorType = keyof typeof ERROR_CATALOGUE;

export const FIELD_ERROR_CODES = [
  'range_error',
  'required',
  'invalid_type',
  'invalid_choice',
  'unknown_field',
  'invalid_format',
  'unknown_column',
] as const;

export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

/** What is wrong with one field of the input; `field` is a dotted path. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code: FieldErrorCode;
}

/** An expected failure: told to the caller as it is. Anything else that is thrown is a fault, masked and logged. */
export class StudioError extends Error {
  override readonly name = 'StudioError';
  readonly type: ErrorType;
  readonly fields: readonly FieldError[];
  /** Seconds after which a new try may succeed. */
  readonly retryAfter: number | undefined;

  constructor(type: ErrorType, detail: string, options: { fields?: readonly FieldError[]; retryAfter?: number } = {}) {
    super(detail);
    this.type = type;
    this.fields = options.fields ?? [];
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.type];
  }
}

export function notFound(what: string): StudioError {
  return new StudioError('resource_not_found', `${what} not found`);
}

export function conflict(detail: string): StudioError {
  return new StudioError('conflict', detail);
}

export function invalid(...fields: readonly FieldError[]): StudioError {
  return new StudioError('validation_error', 'Validation failed', { fields });
}

/** REST's envelope, and the `extensions` of a GraphQL error. */
export interface ErrorEnvelope {
  readonly detail: string;
  readonly type: ErrorType;
  readonly status_code: number;
  readonly timestamp: string;
  readonly request_id: string;
  readonly errors?: readonly FieldError[];
}

export function toEnvelope(error: StudioError, requestId: string): ErrorEnvelope {
  return {
    detail: error.message,
    type: error.type,
    status_code: error.status,
    timestamp: new Date().toISOString(),
    request_id: requestId,
    ...(error.fields.length > 0 && { errors: error.fields }),
  };
}

/** The error type that fits a bare HTTP status, for failures that a framework raises by itself. */
export function fromStatus(status: number, detail?: string): StudioError {
  const exact = (Object.entries(ERROR_CATALOGUE) as [ErrorType, number][]).find(([, code]) => code === status);
  const type: ErrorType = exact?.[0] ?? (status >= 400 && status < 500 ? 'bad_request' : 'internal_error');
  return new StudioError(type, detail ?? STATUS_CODES[status] ?? 'Request failed');
}
