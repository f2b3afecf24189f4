import { StudioError } from '../../core/errors/index.js';

export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** Reads what a client sent as an operation; throws `bad_request` where it is none. */
export function readOperation(body: unknown): Operation {
  const { query, variables, operationName } = (body ?? {}) as Partial<Record<keyof Operation, unknown>>;
  if (typeof query !== 'string') throw new StudioError('bad_request', 'The body must be an object with a "query"');
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw new StudioError('bad_request', '"variables" must be an object');
  }
  if (operationName != null && typeof operationName !== 'string') {
    throw new StudioError('bad_request', '"operationName" must be a string');
  }
  return { query, variables: variables as Operation['variables'], operationName };
}
