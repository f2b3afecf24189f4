import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TRACER } from './core/app/tokens.js';
import type { Studio } from './core/app/studio.js';
import { Metrics } from './core/telemetry/metrics.js';
import { type Origin, withOrigin } from './core/telemetry/origin.js';
import type { Span } from './core/telemetry/tracer.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the request, where traces are sent. */
    span: Span | null;
    /** For whatever the request begins. */
    readonly origin: Origin;
  }
}

/** Requests that can start work that outlives them. */
const STARTING: ReadonlySet<unknown> = new Set(['POST', 'PUT', 'PATCH']);
const STATUS_CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const NO_ROUTE = '(none)';

/** Counts and times every request at either door, traces it, and lets what it starts know where it came from. */
export function addObservation(app: FastifyInstance, { container }: Studio): void {
  const { http } = container.resolve(Metrics);
  const tracer = container.resolve(TRACER);

  app.decorateRequest('span', null);
  app.decorateRequest('origin', {
    getter(this: FastifyRequest) {
      return originOf(this);
    },
  });
  app.addHook('onResponse', (request, reply, done) => {
    const status = STATUS_CLASSES[Math.floor(reply.statusCode / 100)] ?? STATUS_CLASSES[5];
    http.ended(request.method, routeOf(request), status, reply.elapsedTime / 1000);
    done();
  });
  // After the body has been read: its events would lose the context. Work is started by these methods alone.
  app.addHook('onRoute', (route) => {
    if (![route.method].flat().some((method) => STARTING.has(method))) return;
    route.preHandler = [route.preHandler ?? []].flat();
    route.preHandler.push((request, _reply, done) => withOrigin(request.origin, done));
  });
  if (!tracer.isOn) return;

  app.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers as { traceparent?: string };
    request.span = tracer.start({
      name: `${request.method} ${routeOf(request)}`,
      kind: 'server',
      parent: traceparent,
      attributes: {
        'http.request.method': request.method,
        'http.route': routeOf(request),
        'studio.request.id': request.id,
      },
    });
    done();
  });
  app.addHook('onResponse', ({ span }, { statusCode }, done) => {
    const attributes = { 'http.response.status_code': statusCode };
    span?.end(statusCode < 500 ? { attributes } : { attributes, error: String(statusCode) });
    done();
  });
  app.addHook('onRequestAbort', ({ span }, done) => {
    span?.end({ error: 'aborted' });
    done();
  });
}

function routeOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? NO_ROUTE;
}

function originOf({ id, span }: FastifyRequest): Origin {
  const traceparent = span?.traceparent;
  return { requestId: id, ...(traceparent !== undefined && { traceparent }) };
}
