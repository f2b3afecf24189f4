import type { WebsocketHandler } from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import type { ExecutionArgs } from 'graphql';
import { makeHandler } from 'graphql-ws/use/@fastify/websocket';
import { type CredentialHeaders, credentialOf } from '../../core/auth/credentials.js';
import { type Origin, withOrigin } from '../../core/telemetry/origin.js';
import type { RequestContext } from '../context.js';
import type { Engine, Executors } from './engine.js';

type Headers = Readonly<Record<string, unknown>>;
type ContextFor = (request: FastifyRequest, credential: string | undefined) => RequestContext;

/** The protocol `graphql-transport-ws`: subscriptions, and any other operation. */
export function createWebsocketHandler(engine: Engine, contextFor: ContextFor): WebsocketHandler {
  return makeHandler({
    execute: (args) => withOrigin(originOf(args), () => executorsOf(args).execute(args)),
    subscribe: (args) => executorsOf(args).subscribe(args),
    onSubscribe: async ({ connectionParams, extra }, _id, params) => {
      const { request } = extra as unknown as { request: FastifyRequest };
      // GraphiQL's header editor writes into the operation's extensions; other clients use the connection's parameters.
      const sources = [params.extensions?.['headers'] as Headers | undefined, connectionParams, request.headers];
      const credential = sources.map((source) => credentialOf(lowerCase(source))).find((found) => found !== undefined);
      return engine.admitted(params, contextFor(request, credential)) as never;
    },
  });
}

/** What a mutation over the socket starts comes of the request that opened it. */
function originOf({ contextValue }: ExecutionArgs): Origin {
  return { requestId: (contextValue as RequestContext).requestId };
}

function executorsOf({ rootValue }: ExecutionArgs): Executors {
  return rootValue as Executors;
}

/** Names as HTTP has them: a client spells its parameters as it likes. */
function lowerCase(headers: Headers | null | undefined): CredentialHeaders {
  const texts = Object.entries(headers ?? {}).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]));
}
