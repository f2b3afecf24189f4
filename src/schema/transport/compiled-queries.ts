import { type DocumentNode, getOperationAST, type GraphQLSchema } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Operation } from './operation.js';

/** Kept at a time; beyond it the one that was used longest ago goes. */
const CAPACITY = 500;
/** A query that comes once is not worth compiling. */
const COMPILE_AT_USE = 2;

export interface CompiledEntry {
  readonly document: DocumentNode;
  readonly compiled: CompiledQuery;
}

interface Entry {
  readonly document: DocumentNode;
  uses: number;
  compiled: CompiledQuery | null;
}

/**
 * Queries that come again, as compiled functions. Mutations and subscriptions stay with graphql-js: compiling gains
 * them nothing, and graphql-jit knows no `@oneOf`.
 */
export class CompiledQueries {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly schema: GraphQLSchema) {}

  find(operation: Operation): CompiledEntry | null {
    const key = keyOf(operation);
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    // Last in the map is used last.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.compiled === null ? null : (entry as CompiledEntry);
  }

  /** Counts a use of a valid document that was not run compiled. */
  note(operation: Operation, document: DocumentNode): void {
    if (getOperationAST(document, operation.operationName)?.operation !== 'query') return;
    const key = keyOf(operation);
    const entry = this.#entries.get(key) ?? { document, uses: 0, compiled: null };
    if (++entry.uses === COMPILE_AT_USE) entry.compiled = this.#compile(document, operation.operationName);
    this.#entries.set(key, entry);
    if (this.#entries.size > CAPACITY) this.#entries.delete(this.#entries.keys().next().value!);
  }

  #compile(document: DocumentNode, name: string | null | undefined): CompiledQuery | null {
    const compiled = compileQuery(this.schema, document, name ?? undefined);
    return isCompiledQuery(compiled) ? compiled : null;
  }
}

function keyOf({ operationName, query }: Operation): string {
  return operationName == null ? query : `${operationName}\n${query}`;
}
