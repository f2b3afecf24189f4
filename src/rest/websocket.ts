import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { notAuthenticated, type Principal } from '../core/auth/access-tokens.js';
import { credentialOf } from '../core/auth/credentials.js';
import { authorise } from '../core/auth/policies.js';
import { whileHolds } from '../core/auth/while-holds.js';
import { StudioError } from '../core/errors/index.js';
import type { Job } from '../core/jobs/job.entity.js';
import { openRecord } from './admission.js';
import { toProgress } from './generator.view.js';
import { query, string } from './json-schema.js';
import type { Services } from './services.js';

/** Close codes: RFC 6455, section 7.4, and ours, which are the HTTP status and 4000. */
const NORMAL = 1000;
const INTERNAL_ERROR = 1011;
const AFTER_STATUS = 4000;
const SWITCHING_PROTOCOLS = 101;

const PING_INTERVAL_MS = 30_000;

const progressQuery = query({
  token: string({ description: 'An access token or API key, for clients that cannot send headers.' }),
});

export const PROGRESS_ROUTE = { method: 'GET', path: '/ws/generation/:id' } as const;

/** Progress of a run, from the state it is in to the one it ends in. */
export function addProgressSocket(rest: FastifyInstance, services: Services): void {
  rest.route<{ Params: { id: string }; Querystring: { token?: string } }>({
    method: PROGRESS_ROUTE.method,
    url: PROGRESS_ROUTE.path,
    schema: { querystring: progressQuery },
    handler: async () => {
      throw new StudioError('bad_request', 'Connect with a WebSocket');
    },
    wsHandler: async (socket, request) => {
      const closed = new AbortController();
      socket.once('close', () => closed.abort());
      const stopPings = keepAlive(socket);
      try {
        await sendProgress(services, socket, request, closed.signal);
        socket.close(NORMAL);
      } catch (error) {
        if (!closed.signal.aborted) refuse(socket, request, error);
      } finally {
        stopPings();
      }
    },
  });
}

type ProgressRequest = FastifyRequest<{ Params: { id: string }; Querystring: { token?: string } }>;

async function sendProgress(
  services: Services,
  socket: WebSocket,
  request: ProgressRequest,
  closed: AbortSignal,
): Promise<void> {
  const { id } = request.params;
  const reader = await readerOf(services, request);
  const record = openRecord(services, request, reader);
  const jobId = await services.generators.jobId(id, reader?.userId);
  services.auditTrail.close(record, SWITCHING_PROTOCOLS);
  const changes = services.jobs.watch(jobId, closed);
  for await (const job of reader === null ? changes : whileHolds(changes, reader, services.events)) {
    // Waits for a slow reader, to whom the next message is then the newest state.
    await send(socket, JSON.stringify(toMessage(id, job, reader !== null)));
  }
}

async function readerOf({ auth, config, limits }: Services, request: ProgressRequest): Promise<Principal | null> {
  const token = request.query.token ?? credentialOf(request.headers);
  const principal = token === undefined ? null : await auth.authenticate(token);
  limits.admit(principal?.userId ?? null, request.ip);
  if (principal === null && request.headers.authorization !== undefined) throw notAuthenticated();
  authorise(principal, principal === null && config.anonymousProgress ? 'public' : 'read');
  return principal;
}

/** An anonymous reader learns how far the run is, and nothing of what it does. */
function toMessage(generatorId: string, job: Job, isOwner: boolean) {
  const { status, progress, ...details } = toProgress(job);
  return {
    generator_id: generatorId,
    status,
    progress,
    ...(isOwner && { ...details, metrics: job.metrics }),
    timestamp: new Date().toISOString(),
  };
}

function send(socket: WebSocket, message: string): Promise<void> {
  return new Promise((done, fail) => socket.send(message, (error) => (error == null ? done() : fail(error))));
}

function refuse(socket: WebSocket, request: FastifyRequest, error: unknown): void {
  if (error instanceof StudioError && error.status < 500) {
    socket.close(AFTER_STATUS + error.status, error.message);
    return;
  }
  request.log.error({ err: error, request_id: request.id }, 'progress could not be sent');
  socket.close(INTERNAL_ERROR, 'Internal server error');
}

/** Ends a connection whose other side has gone without a word. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    socket.ping();
  }, PING_INTERVAL_MS);
  return () => clearInterval(timer);
}
