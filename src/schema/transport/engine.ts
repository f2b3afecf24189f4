import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type GraphQLError,
} from 'graphql';
import { admit } from '../admission.js';
import { closeRecord, noteOperation } from '../audit/record-operation.js';
import type { RequestContext } from '../context.js';
import { CompiledQueries, type CompiledEntry } from './compiled-queries.js';
import type { Operation } from './operation.js';
import { outcomeOf } from './operation-observer.js';
import { createStudioYoga, type YogaParts } from './yoga.js';

/** What every way in shares: Yoga with its caches, the policies, the compiled queries, the masking of faults. */
export class Engine {
  readonly yoga: ReturnType<typeof createStudioYoga>;
  readonly #queries: CompiledQueries;

  constructor(private readonly parts: YogaParts) {
    this.yoga = createStudioYoga(parts);
    this.#queries = new CompiledQueries(parts.schema);
  }

  /** The answer to an operation; null for a subscription, which has no single one. Never throws. */
  async execute(operation: Operation, context: RequestContext): Promise<ExecutionResult | null> {
    try {
      const compiled = this.#queries.find(operation);
      if (compiled !== null) return await this.#executeCompiled(compiled, operation, context);
      const args = await this.arguments(operation, context);
      if (Array.isArray(args)) return { errors: args };
      const { document, rootValue } = args as ExecutionArgs & { rootValue: Executors };
      this.#queries.note(operation, document);
      if (getOperationAST(document, operation.operationName)?.operation === 'subscription') return null;
      return await rootValue.execute(args as ExecutionArgs);
    } catch (error) {
      return { errors: [this.parts.errors.describe(error, context.requestId)] };
    }
  }

  /**
   * What to execute or subscribe with, or what is wrong with the operation. The functions that do it belong to this one
   * operation; they travel as its root value, which no resolver reads.
   */
  async arguments(operation: Operation, context: RequestContext): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { schema, errors, costs, observer } = this.parts;
    const begun = performance.now();
    try {
      const { parse, validate, contextFactory, execute, subscribe } = this.yoga.getEnveloped(context as never);
      const document = parse(operation.query) as DocumentNode;
      const invalid = validate(schema, document) as readonly GraphQLError[];
      if (invalid.length > 0) {
        observer.invalid(begun);
        return invalid.map((error) => errors.describe(error, context.requestId));
      }
      // Again when it runs; here it is told as what it is, a mistake in the operation.
      costs.check(document, operation.operationName, operation.variables);
      return {
        schema,
        document,
        contextValue: await contextFactory(),
        variableValues: operation.variables,
        operationName: operation.operationName,
        rootValue: { execute, subscribe } satisfies Executors,
      };
    } catch (error) {
      observer.invalid(begun);
      return [errors.describe(error, context.requestId)];
    }
  }

  /** As {@link Engine.arguments}, of an operation that has not been counted yet: each one on a WebSocket is a request. */
  async admitted(operation: Operation, context: RequestContext): Promise<ExecutionArgs | readonly GraphQLError[]> {
    try {
      await admit(context);
    } catch (error) {
      return [this.parts.errors.describe(error, context.requestId)];
    }
    return this.arguments(operation, context);
  }

  async #executeCompiled(
    { compiled, document }: CompiledEntry,
    { variables, operationName }: Operation,
    context: RequestContext,
  ): Promise<ExecutionResult> {
    const { schema, errors, costs, beforeExecution, observer } = this.parts;
    const begun = performance.now();
    costs.check(document, operationName, variables);
    await beforeExecution({ schema, document, contextValue: context, variableValues: variables, operationName });
    noteOperation(context, { document, operationName, variableValues: variables });
    const executed = (await compiled.query(undefined, context, variables)) as ExecutionResult;
    const result = errors.describeResult(executed, context.requestId);
    observer.ended({ document, operationName }, outcomeOf(result), begun);
    closeRecord(context, result);
    return result;
  }
}

/** How an {@link ExecutionArgs} of {@link Engine.arguments} is run. */
export interface Executors {
  execute(args: ExecutionArgs): Promise<ExecutionResult>;
  subscribe(args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}
