import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import websocket from '@fastify/websocket';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { LOGGER } from './core/app/tokens.js';
import type { Studio } from './core/app/studio.js';
import { fromStatus, notFound, StudioError, toEnvelope } from './core/errors/index.js';
import { refusalHeaders } from './core/limits/quota.js';
import { asStorageError } from './core/persistence/database-errors.js';
import { addDraining } from './drain.js';
import { addObservation } from './observe.js';
import { registerRest } from './rest/index.js';
import { registerGraphql } from './schema/index.js';

const JSON_BODY_LIMIT = 1024 * 1024;

/**
 * The headers of helmet's defaults, but for the content policy, which each page sets for itself. Constants, since helmet
 * works them out again for each request and sets them past Fastify, at a third of the door's cost.
 */
const SECURITY_HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};

/** What a browser lets another origin's pages read. */
const EXPOSED_HEADERS = [
  'x-request-id',
  'x-total-count',
  'link',
  'etag',
  'content-disposition',
  'retry-after',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-retry-after',
  'idempotent-replayed',
] as const;

/** The api program's server: both doors on one port, and one envelope for whatever fails outside them. */
export async function createApi(studio: Studio): Promise<FastifyInstance> {
  const { container, config } = studio;
  const app = Fastify({
    // pino satisfies Fastify's logger; a request that goes well is not worth a line.
    loggerInstance: container.resolve(LOGGER),
    logController: new LogController({ disableRequestLogging: true }),
    // A logger of its own for each request costs 15 µs; the few lines that are written name the request themselves.
    childLoggerFactory: (logger) => logger,
    genReqId: () => randomUUID(),
    trustProxy: config.trustProxy,
    bodyLimit: JSON_BODY_LIMIT,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 500 },
    // A mesh may hand everything on under /api: the same routes answer there.
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/api(?:\/|(?=\?)|$)/, '/'),
    // An address that cannot be decoded never reaches a route, nor the hooks of one.
    frameworkErrors: (error, request, reply) => fail(error, request, reply.header('x-request-id', request.id)),
  }) as unknown as FastifyInstance;

  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    done();
  });
  // An answer may come before the end of an upload, which is then read away: nobody else would, and the next request on
  // the same connection would wait for ever.
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete) raw.unpipe().resume();
    done();
  });
  addObservation(app, studio);
  studio.onDrain(addDraining(app, studio.lifecycle));
  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(toEnvelope(notFound(`${request.method} ${request.originalUrl.split('?')[0]}`), request.id)),
  );

  if (config.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...config.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
      exposedHeaders: [...EXPOSED_HEADERS],
    });
  }
  await app.register(websocket, { options: { maxPayload: JSON_BODY_LIMIT } });
  await registerRest(app, container);
  await registerGraphql(app, container);
  app.addHook('onReady', async () => studio.lifecycle.ready());
  studio.onClose(() => app.close());
  return app;
}

function fail(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const expected = expectedError(error);
  // That the studio is out of reach for a while is told by who knows it, once, and not with each request.
  const isKnown = error instanceof StudioError && error.type === 'unavailable';
  if (expected.status >= 500 && !isKnown) request.log.error({ err: error, request_id: request.id }, 'request failed');
  if (expected.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.headers(refusalHeaders(expected)).code(expected.status).send(toEnvelope(expected, request.id));
}

/** What may be told of an error: its own words when it was expected, the bare status otherwise. */
function expectedError(error: FastifyError): StudioError {
  if (error instanceof StudioError) return error;
  const storage = asStorageError(error);
  if (storage !== undefined) return storage;
  const status = error.statusCode ?? 500;
  return status < 500 ? fromStatus(status, error.message) : new StudioError('internal_error', 'Internal server error');
}
