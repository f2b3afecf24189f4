import type { ErrorType } from '../../core/errors/index.js';
import type { SchemaKit } from '../enums.js';

/**
 * Which type of the schema tells of which error. None for a fault and for what
 * a policy refuses, which are never results, and for what only a download can meet.
 */
const TYPE_OF = {
  bad_request: 'BadRequestError',
  unsupported_format: 'BadRequestError',
  already_exists: 'ConflictError',
  conflict: 'ConflictError',
  authentication_error: 'AuthenticationError',
  token_expired: 'AuthenticationError',
  permission_denied: null,
  resource_not_found: 'NotFoundError',
  validation_error: 'ValidationError',
  payload_too_large: 'LimitError',
  rate_limit_exceeded: 'LimitError',
  concurrency_limit_exceeded: 'LimitError',
  insufficient_storage: 'UnavailableError',
  unavailable: 'UnavailableError',
  range_not_satisfiable: null,
  method_not_allowed: null,
  internal_error: null,
} as const satisfies Record<ErrorType, string | null>;

export type ErrorTypeName = NonNullable<(typeof TYPE_OF)[ErrorType]>;

export function errorTypeOf(error: { readonly type: ErrorType }): ErrorTypeName | null {
  return TYPE_OF[error.type];
}

const DESCRIPTIONS: Readonly<Record<ErrorTypeName, string>> = {
  AuthenticationError: 'The credentials are wrong, or no longer good.',
  BadRequestError: 'The request cannot be read: a file that is none of the formats, for example.',
  ConflictError: 'Something is in a state that forbids it, or exists already.',
  LimitError: 'More, or larger, than is allowed.',
  NotFoundError: 'There is no such thing, or it is another user’s.',
  UnavailableError: 'The studio cannot do it now: no space is left, or the database is out of reach.',
  ValidationError: 'Fields of the input are wrong; each is named.',
};

export function addErrorTypes({ builder, enums }: SchemaKit): void {
  builder.interfaceType('Error', {
    description: 'An expected failure, as a result.',
    fields: (t) => ({
      message: t.exposeString('message'),
      code: t.field({ type: enums.errorCode, resolve: ({ type }) => type }),
    }),
    resolveType: (error) => errorTypeOf(error),
  });
  builder.objectType('FieldError', {
    fields: (t) => ({
      field: t.exposeString('field', { description: 'A dotted path within the arguments.' }),
      message: t.exposeString('message'),
      code: t.field({ type: enums.fieldErrorCode, resolve: ({ code }) => code }),
    }),
  });
  for (const [name, description] of Object.entries(DESCRIPTIONS) as [ErrorTypeName, string][]) {
    builder.objectType(name, { description, interfaces: ['Error'] });
  }
  builder.objectField('ValidationError', 'fields', (t) =>
    t.field({ type: ['FieldError'], resolve: ({ fields }) => fields }),
  );
  for (const name of ['LimitError', 'UnavailableError'] as const) {
    builder.objectField(name, 'retryAfter', (t) =>
      t.float({
        nullable: true,
        description: 'Seconds after which a new try may succeed; null where time alone changes nothing.',
        resolve: (error) => error.retryAfter,
      }),
    );
  }
}
