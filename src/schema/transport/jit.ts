import type { DocumentNode, ExecutionArgs, GraphQLSchema } from 'graphql';
import { getOperationAST } from 'graphql';
import { compileQuery, type CompiledQuery, isCompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';

interface Known {
  uses: number;
  compiled: CompiledQuery | null;
}

/** A query that comes once is not worth compiling. */
const COMPILE_AT_USE = 2;

/**
 * Runs queries that come again as compiled functions. Mutations and subscriptions stay with graphql-js: compiling gains
 * them nothing, and graphql-jit knows no `@oneOf`.
 */
export function useCompiledQueries(schema: GraphQLSchema): Plugin {
  // Yoga's parser cache gives the same document for the same text; what it drops is dropped here too.
  const known = new WeakMap<DocumentNode, Map<string, Known>>();
  const compiledFor = ({ document, operationName }: ExecutionArgs): CompiledQuery | null => {
    const byName = known.get(document) ?? new Map<string, Known>();
    known.set(document, byName);
    const entry = byName.get(operationName ?? '') ?? { uses: 0, compiled: null };
    byName.set(operationName ?? '', entry);
    if (++entry.uses === COMPILE_AT_USE) entry.compiled = compile(schema, document, operationName);
    return entry.compiled;
  };
  return {
    onExecute({ args, setExecuteFn }) {
      const compiled = compiledFor(args);
      if (compiled !== null) {
        setExecuteFn(({ rootValue, contextValue, variableValues }: ExecutionArgs) =>
          compiled.query(rootValue, contextValue, variableValues ?? {}),
        );
      }
    },
  };
}

function compile(schema: GraphQLSchema, document: DocumentNode, name: string | null | undefined): CompiledQuery | null {
  if (getOperationAST(document, name)?.operation !== 'query') return null;
  const compiled = compileQuery(schema, document, name ?? undefined);
  return isCompiledQuery(compiled) ? compiled : null;
}
