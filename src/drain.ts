import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ProcessLifecycle } from './core/app/lifecycle.js';

/** Milliseconds that requests under way get to end; with what follows, the process is gone within 5 s. */
const DRAIN_MS = 3000;
const HEALTH = /^\/health(\/|$|\?)/;

/**
 * Lets the requests under way end before the server is closed. From then on no connection is taken; a request that comes
 * over an open one is told to come again, but for those that ask how the studio is. The returned function does not
 * reject, and takes no longer than it must.
 */
export function addDraining(app: FastifyInstance, lifecycle: ProcessLifecycle): () => Promise<void> {
  const underWay = new Set<FastifyRequest>();
  const idle = Promise.withResolvers<void>();

  app.addHook('onRequest', (request, reply, done) => {
    if (lifecycle.phase !== 'draining') {
      // A stream of events or a WebSocket ends when its reader leaves: nobody waits for that.
      if (!isStream(request)) underWay.add(request);
      return done();
    }
    reply.header('connection', 'close');
    if (HEALTH.test(request.url)) return done();
    try {
      lifecycle.requireReady();
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  const ended = (request: FastifyRequest) => {
    underWay.delete(request);
    if (underWay.size === 0 && lifecycle.phase === 'draining') idle.resolve();
  };
  app.addHook('onResponse', (request: FastifyRequest, _reply: FastifyReply, done) => {
    ended(request);
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    ended(request);
    done();
  });

  return async () => {
    app.server.close();
    if (underWay.size === 0) return;
    const over = new AbortController();
    await Promise.race([idle.promise, delay(DRAIN_MS, undefined, { signal: over.signal }).catch(() => {})]);
    over.abort();
    if (underWay.size > 0) app.log.warn({ requests: underWay.size }, 'Requests were cut off by the end of the studio');
  };
}

function isStream({ headers }: FastifyRequest): boolean {
  return headers.upgrade !== undefined || headers.accept?.includes('text/event-stream') === true;
}
