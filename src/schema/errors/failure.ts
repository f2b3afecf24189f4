import type { ErrorType, FieldError, StudioError } from '../../core/errors/index.js';

/** An expected failure as a value: graphql-js takes an instance of Error for something thrown, wherever it comes from. */
export class Failure {
  readonly type: ErrorType;
  /** Of the same failure over REST. */
  readonly status: number;
  readonly message: string;
  readonly fields: readonly FieldError[];
  readonly retryAfter: number | null;

  constructor(error: StudioError) {
    this.type = error.type;
    this.status = error.status;
    this.message = error.message;
    this.fields = error.fields;
    this.retryAfter = error.retryAfter ?? null;
  }
}
