import multipart from '@fastify/multipart';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { DependencyContainer } from 'tsyringe';
import { LOGGER } from '../core/app/tokens.js';
import { credentialOf } from '../core/auth/credentials.js';
import { REPLAYED_HEADER } from '../core/idempotency/idempotency.service.js';
import { quotaHeaders, refusalHeaders } from '../core/limits/quota.js';
import { admit } from './admission.js';
import { CostMeter } from './bounds/cost.js';
import { createContext } from './context.js';
import { createSchema } from './create-schema.js';
import { ErrorReporter } from './errors/error-reporter.js';
import { expectedError } from './errors/expected-error.js';
import { applyPolicies } from './policies/apply-policies.js';
import { createMercuriusBridge } from './policies/mercurius-bridge.js';
import { resolveServices, type Services } from './services.js';
import { Engine } from './transport/engine.js';
import { sendGraphiql } from './transport/graphiql.js';
import { addHttpPost, type ContextOf, sendThroughYoga } from './transport/http.js';
import { OperationObserver } from './transport/operation-observer.js';
import { createWebsocketHandler } from './transport/websocket.js';
import type { YogaParts } from './transport/yoga.js';

/** The GraphQL door at `/graphql`: over HTTP, server-sent events and WebSockets, and GraphiQL for browsers. */
export function registerGraphql(app: FastifyInstance, container: DependencyContainer): Promise<void> {
  return mountGraphql(app, resolveServices(container), container.resolve(LOGGER));
}

/** The door over any services; the app must have `@fastify/websocket`. */
export async function mountGraphql(app: FastifyInstance, services: Services, logger: Logger): Promise<void> {
  const errors = new ErrorReporter(logger);
  const schema = createSchema(services.plugins);
  const bridge = createMercuriusBridge(schema);
  const observer = new OperationObserver(services.metrics);
  const engine = new Engine({
    schema,
    errors,
    costs: new CostMeter(schema),
    observer,
    beforeExecution: observed(bridge.beforeExecution, observer),
  });
  const contextOf: ContextOf = async (request, reply, signal) => {
    const context = createContext(services, {
      requestId: request.id,
      credential: credentialOf(request.headers),
      address: request.ip,
      userAgent: request.headers['user-agent'],
      tellQuota: (quota) => reply.headers(quotaHeaders(quota)),
      idempotencyKey: [request.headers['idempotency-key']].flat()[0],
      tellReplayed: () => reply.header(REPLAYED_HEADER, 'true'),
      ...(signal && { signal }),
    });
    await admit(context);
    return context;
  };

  await app.register(async (scope) => {
    await scope.register(bridge.asMercurius);
    await applyPolicies(scope, schema, services.events);
    await scope.register(multipart);
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      const described = errors.describe(error, request.id);
      const expected = expectedError(error);
      if (expected !== undefined) reply.headers(refusalHeaders(expected));
      return reply.code(expected?.status ?? 500).send({ errors: [described] });
    });
    addHttpPost(scope, engine, contextOf);
    scope.route({
      method: 'GET',
      url: '/graphql',
      handler: async (request, reply) =>
        wantsPage(request)
          ? sendGraphiql(reply)
          : sendThroughYoga(engine, request, reply, await contextOf(request, reply)),
      wsHandler: createWebsocketHandler(engine, ({ id, ip, headers }, credential) =>
        createContext(services, { requestId: id, credential, address: ip, userAgent: headers['user-agent'] }),
      ),
    });
  });
}

/** What the policies refuse is counted too. */
function observed(before: YogaParts['beforeExecution'], observer: OperationObserver): YogaParts['beforeExecution'] {
  return async (args) => {
    const begun = performance.now();
    try {
      await before(args);
    } catch (error) {
      observer.ended(args, 'refused', begun);
      throw error;
    }
  };
}

function wantsPage({ headers, query }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true && !('query' in (query as object));
}
