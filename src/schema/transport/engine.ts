import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.js';
import type { ErrorReporter } from '../errors/error-reporter.js';
import { useCompiledQueries } from './jit.js';
import type { Operation } from './operation.js';

/** Far beyond any query that people or clients write, and parsed within a few milliseconds. */
const MAXIMUM_TOKENS = 10_000;

export interface EngineParts {
  readonly schema: GraphQLSchema;
  readonly errors: ErrorReporter;
  /** Run before each execution and each subscription. */
  readonly plugins: readonly Plugin[];
}

export type Engine = ReturnType<typeof createEngine>;

/** What every way in shares: Yoga's parser and validation caches, the policies, the compiled queries, the masking of faults. */
export function createEngine({ schema, errors, plugins }: EngineParts) {
  const yoga = createYoga<RequestContext>({
    schema,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    // Files come through transport/uploads.ts, which does not hold them in memory.
    multipart: false,
    // The reporter masks, with the id of the request, which Yoga's own masking does not know.
    maskedErrors: false,
    plugins: [limitsTokens(), ...plugins, useCompiledQueries(schema), describesErrors(errors)],
  });

  const prepare = (operation: Operation, context: RequestContext) => {
    const enveloped = yoga.getEnveloped(context as never);
    const document = enveloped.parse(operation.query) as DocumentNode;
    const invalid = enveloped.validate(schema, document) as readonly GraphQLError[];
    return { enveloped, document, invalid };
  };

  return {
    yoga,
    schema,
    /** Null for a subscription, which has no single answer. */
    async execute(operation: Operation, context: RequestContext): Promise<ExecutionResult | null> {
      try {
        const { enveloped, document, invalid } = prepare(operation, context);
        if (invalid.length > 0) return errors.describeResult({ errors: invalid }, context.requestId);
        const { operationName } = operation;
        if (getOperationAST(document, operationName)?.operation === 'subscription') return null;
        return (await enveloped.execute({
          schema,
          document,
          contextValue: await enveloped.contextFactory(),
          variableValues: operation.variables,
          operationName,
        })) as ExecutionResult;
      } catch (error) {
        return { errors: [errors.describe(error, context.requestId)] };
      }
    },
    /** The arguments of an execution or a subscription, or what is wrong with the operation. */
    async arguments(operation: Operation, context: RequestContext): Promise<ExecutionArgs | readonly GraphQLError[]> {
      try {
        const { enveloped, document, invalid } = prepare(operation, context);
        if (invalid.length > 0) return invalid.map((error) => errors.describe(error, context.requestId));
        return {
          schema,
          document,
          contextValue: await enveloped.contextFactory(),
          variableValues: operation.variables,
          operationName: operation.operationName,
          rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
        };
      } catch (error) {
        return [errors.describe(error, context.requestId)];
      }
    },
  };
}

function limitsTokens(): Plugin {
  return {
    onParse: ({ setParseFn }) =>
      setParseFn((source: string, options: object) => parse(source, { ...options, maxTokens: MAXIMUM_TOKENS })),
  };
}

/** Last of the plugins, so first to see a result. What fails before there is one is described by whoever meets it. */
function describesErrors(errors: ErrorReporter): Plugin {
  const idOf = (args: ExecutionArgs) => (args.contextValue as RequestContext).requestId;
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        if (!isAsyncIterable(result)) setResult(errors.describeResult(result, idOf(args)));
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result, setResult }) => {
        const id = idOf(args);
        if (!isAsyncIterable(result)) return setResult(errors.describeResult(result, id));
        // A source that breaks ends the stream with an error that its reader sees.
        return setResult(
          mapAsyncIterator(
            result as AsyncIterable<ExecutionResult>,
            (event) => errors.describeResult(event, id),
            (error: unknown) => {
              throw errors.describe(error, id);
            },
          ),
        );
      },
    }),
    // Over HTTP, what failed before execution passes here.
    onExecutionResult: ({ result, setResult, context }) => {
      const { requestId } = context as unknown as RequestContext;
      if (result !== undefined && !Array.isArray(result) && !isAsyncIterable(result)) {
        const described = errors.describeResult(result, requestId);
        described.errors?.forEach((error, i) => keepStatus(result.errors![i]!, error));
        setResult(described);
      }
    },
  };
}

/** Yoga reads the status of its answer from an error's extensions, and takes it out again. */
function keepStatus(from: GraphQLError, to: GraphQLError): void {
  if (from.extensions['http'] !== undefined) to.extensions['http'] = from.extensions['http'];
}
