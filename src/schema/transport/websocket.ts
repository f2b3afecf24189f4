import type { WebsocketHandler } from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import type { ExecutionArgs } from 'graphql';
import { makeHandler } from 'graphql-ws/use/@fastify/websocket';
import type { RequestContext } from '../context.js';
import type { Engine, Executors } from './engine.js';

type Headers = Readonly<Record<string, unknown>>;
type ContextFor = (request: FastifyRequest, authorization: string | undefined) => RequestContext;

/** The protocol `graphql-transport-ws`: subscriptions, and any other operation. */
export function createWebsocketHandler(engine: Engine, contextFor: ContextFor): WebsocketHandler {
  return makeHandler({
    execute: (args) => executorsOf(args).execute(args),
    subscribe: (args) => executorsOf(args).subscribe(args),
    onSubscribe: ({ connectionParams, extra }, _id, params) => {
      const { request } = extra as unknown as { request: FastifyRequest };
      // GraphiQL's header editor writes into the operation's extensions; other clients use the connection's parameters.
      const headers = params.extensions?.['headers'] as Headers | undefined;
      const authorization =
        header(headers, 'authorization') ?? header(connectionParams, 'authorization') ?? request.headers.authorization;
      return engine.arguments(params, contextFor(request, authorization)) as never;
    },
  });
}

function executorsOf({ rootValue }: ExecutionArgs): Executors {
  return rootValue as Executors;
}

function header(headers: Headers | undefined, name: string): string | undefined {
  for (const [key, value] of Object.entries(headers ?? {})) {
    if (key.toLowerCase() === name && typeof value === 'string') return value;
  }
  return undefined;
}
