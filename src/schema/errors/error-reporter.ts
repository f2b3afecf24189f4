import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { StudioError, toEnvelope } from '../../core/errors/index.js';
import { expectedError } from './expected-error.js';

/** The one place where an error becomes what a caller hears: its extensions are REST's envelope. Faults are masked, and logged once. */
export class ErrorReporter {
  readonly #done = new WeakSet<GraphQLError>();

  constructor(private readonly logger: Logger) {}

  describe(error: unknown, requestId: string): GraphQLError {
    if (error instanceof GraphQLError && this.#done.has(error)) return error;
    const told = this.#told(error, requestId);
    const located = error instanceof GraphQLError ? error : undefined;
    const described = new GraphQLError(told.message, {
      ...(located !== undefined && {
        nodes: located.nodes ?? null,
        source: located.source ?? null,
        positions: located.positions ?? null,
        path: located.path ?? null,
      }),
      extensions: {
        ...toEnvelope(told, requestId),
        ...(told.retryAfter !== undefined && { retry_after: told.retryAfter }),
      },
    });
    this.#done.add(described);
    return described;
  }

  describeResult<Result extends ExecutionResult>(result: Result, requestId: string): Result {
    if (result.errors === undefined || result.errors.length === 0) return result;
    return { ...result, errors: result.errors.map((error) => this.describe(error, requestId)) };
  }

  #told(error: unknown, requestId: string): StudioError {
    const root = rootOf(error);
    const expected = expectedError(root);
    if (expected !== undefined) return expected;
    // With a path and no cause it is the executor's own complaint about a resolver (a null where none may be): a fault.
    if (root instanceof GraphQLError && (root !== error || root.path === undefined)) {
      return new StudioError('bad_request', (error as GraphQLError).message);
    }
    this.logger.error({ err: root, request_id: requestId }, 'GraphQL operation failed');
    return new StudioError('internal_error', 'Internal server error');
  }
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError !== undefined) root = root.originalError;
  return root;
}
