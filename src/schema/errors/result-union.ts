import type { StudioError } from '../../core/errors/index.js';
import type { Builder, StudioTypes } from '../builder.js';
import { type ErrorTypeName, errorTypeOf } from './error-types.js';
import { expectedError } from './expected-error.js';
import { Failure } from './failure.js';

type ObjectName = keyof StudioTypes['Objects'];

interface ResultOptions<Success extends ObjectName> {
  readonly success: readonly Success[];
  readonly errors: readonly ErrorTypeName[];
  /** Needed where there are several types of success. */
  readonly typeOf?: (value: StudioTypes['Objects'][Success]) => Success;
}

/** The union that a mutation answers with: what it made, or one of the errors that can be expected of it. */
export function addResult<Success extends ObjectName>(
  builder: Builder,
  name: string,
  { success, errors, typeOf }: ResultOptions<Success>,
) {
  const type = builder.unionType(name, {
    types: [...success, ...errors],
    resolveType: (value, context) => {
      if (!(value instanceof Failure)) return typeOf?.(value as StudioTypes['Objects'][Success]) ?? success[0]!;
      // Here it is told, so here it is noted: a failure that is a result has no status otherwise.
      context.failure ??= value.status;
      return errorTypeOf(value)!;
    },
  });
  const expected = new Set<string | null>(errors);
  return {
    type,
    /** Runs the service's part; an error that is a member of the union becomes the result, any other is thrown. */
    async of<T>(run: () => Promise<T>, rename?: (error: StudioError) => StudioError): Promise<T | Failure> {
      try {
        return await run();
      } catch (error) {
        const known = expectedError(error);
        if (known === undefined || !expected.has(errorTypeOf(known))) throw error;
        return new Failure(rename?.(known) ?? known);
      }
    },
  };
}
