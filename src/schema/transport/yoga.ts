import { type ExecutionArgs, type ExecutionResult, type GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { closeRecord, noteOperation, runRecorded } from '../audit/record-operation.js';
import type { CostMeter } from '../bounds/cost.js';
import { boundsShape } from '../bounds/shape-rule.js';
import type { RequestContext } from '../context.js';
import { carryOutOnce } from '../idempotency.js';
import type { ErrorReporter } from '../errors/error-reporter.js';
import { type OperationObserver, outcomeOf } from './operation-observer.js';

/** Far beyond any query that people or clients write, and parsed within a few milliseconds. */
const MAXIMUM_TOKENS = 10_000;

export interface YogaParts {
  readonly schema: GraphQLSchema;
  readonly errors: ErrorReporter;
  readonly costs: CostMeter;
  /** Runs before each execution and each subscription: the policies find out who calls. */
  readonly beforeExecution: (args: ExecutionArgs) => Promise<void>;
  readonly observer: OperationObserver;
}

export function createStudioYoga({ schema, errors, costs, beforeExecution, observer }: YogaParts) {
  return createYoga<RequestContext>({
    schema,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    // Files come through uploads.ts, which does not hold them in memory.
    multipart: false,
    // The reporter masks, with the id of the request, which Yoga's own masking does not know.
    maskedErrors: false,
    plugins: [
      limitsTokens(),
      limitsShape(),
      limitsCost(costs),
      runs(beforeExecution),
      observes(observer),
      describesErrors(errors),
      records(),
    ],
  });
}

function limitsTokens(): Plugin {
  return {
    onParse: ({ setParseFn }) =>
      setParseFn((source: string, options: object) => parse(source, { ...options, maxTokens: MAXIMUM_TOKENS })),
  };
}

function limitsShape(): Plugin {
  return { onValidate: ({ addValidationRule }) => addValidationRule(boundsShape) };
}

function limitsCost(costs: CostMeter): Plugin {
  const check = ({ args }: { args: ExecutionArgs }) =>
    costs.check(args.document, args.operationName, args.variableValues);
  return { onExecute: check, onSubscribe: check };
}

function runs(beforeExecution: YogaParts['beforeExecution']): Plugin {
  return {
    onExecute: ({ args }) => beforeExecution(args),
    onSubscribe: ({ args }) => beforeExecution(args),
  };
}

/** Sees results after their errors were described. */
function observes(observer: OperationObserver): Plugin {
  return {
    onExecute: ({ args }) => {
      const begun = performance.now();
      return {
        onExecuteDone: ({ result }) => {
          if (!isAsyncIterable(result)) observer.ended(args, outcomeOf(result), begun);
        },
      };
    },
    onSubscribe: ({ args }) => {
      const begun = performance.now();
      return {
        onSubscribeResult: ({ result }) =>
          observer.ended(args, isAsyncIterable(result) ? 'ok' : outcomeOf(result), begun),
      };
    },
  };
}

/** What fails before there is a result is described by whoever meets it. */
function describesErrors(errors: ErrorReporter): Plugin {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        if (!isAsyncIterable(result)) setResult(errors.describeResult(result, idOf(args)));
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result, setResult }) => {
        const id = idOf(args);
        if (isAsyncIterable(result)) setResult(describeStream(result as AsyncIterable<ExecutionResult>, errors, id));
        else setResult(errors.describeResult(result, id));
      },
    }),
    // Over HTTP, what failed before execution passes here.
    onExecutionResult: ({ result, setResult, context }) => {
      if (result === undefined || Array.isArray(result) || isAsyncIterable(result)) return;
      const described = errors.describeResult(result, (context as unknown as RequestContext).requestId);
      described.errors?.forEach((error, i) => keepStatus(result.errors![i]!, error));
      setResult(described);
    },
  };
}

/** After the policies, which find out who calls, and after the errors were described, which gives them their status. */
function records(): Plugin {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      const context = contextOf(args);
      noteOperation(context, args);
      const run = (given: ExecutionArgs) => runRecorded(context, args, () => executeFn(given) as ExecutionResult);
      setExecuteFn((given: ExecutionArgs) => carryOutOnce(context, args, () => run(given)));
      return { onExecuteDone: ({ result }) => close(args, result) };
    },
    onSubscribe: ({ args }) => {
      noteOperation(contextOf(args), args);
      return { onSubscribeResult: ({ result }) => close(args, result) };
    },
  };
}

function close(args: ExecutionArgs, result: unknown): void {
  closeRecord(contextOf(args), isAsyncIterable(result) ? {} : (result as ExecutionResult));
}

function contextOf({ contextValue }: Pick<ExecutionArgs, 'contextValue'>): RequestContext {
  return contextValue as RequestContext;
}

function idOf(args: ExecutionArgs): string {
  return contextOf(args).requestId;
}

function describeStream(stream: AsyncIterable<ExecutionResult>, errors: ErrorReporter, requestId: string) {
  return mapAsyncIterator(
    stream,
    (event) => errors.describeResult(event, requestId),
    (error: unknown) => {
      throw errors.describe(error, requestId);
    },
  );
}

/** Yoga reads the status of its answer from an error's extensions, and takes it out again. */
function keepStatus(from: GraphQLError, to: GraphQLError): void {
  if (from.extensions['http'] !== undefined) to.extensions['http'] = from.extensions['http'];
}
