import type { Hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../core/auth/access-tokens.js';
import { StudioError } from '../core/errors/index.js';
import type { RequestRecord } from '../core/audit/request-record.js';
import { withCompanion } from '../core/persistence/commit-companion.js';
import { carryOutOnce } from './idempotency.js';
import { admit, isOperational } from './admission.js';
import type { Call, Endpoint } from './endpoint.js';
import type { Services } from './services.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the REST routes that are not public. */
    restPrincipal: Principal | null;
    /** What the audit trail will say of it; null before it is let in, and where nothing is recorded. */
    auditRecord: RequestRecord | null;
    /** Takes in an upload while it is read, where the same one may come again. */
    bodyDigest: Hash | null;
    isBodyRead: boolean;
  }
}

const READING = new Set(['GET', 'HEAD']);

/** Makes Fastify routes of endpoints. */
export function mount(rest: FastifyInstance, services: Services, endpoints: readonly Endpoint[]): void {
  for (const endpoint of endpoints) {
    const { method, path, query, body, status } = endpoint;
    rest.route({
      method: method as never,
      url: path,
      // A route that lists HEAD sees to it itself.
      exposeHeadRoute: method === 'GET',
      // Answers have their types from their schemas, and JSON.stringify is quicker with them than compiled serialisers.
      schema: { querystring: query, ...(body !== undefined && { body }) },
      ...(!isOperational(endpoint) && { onRequest: guard(services, endpoint) }),
      handler: async (request, reply) => {
        reply.code(status);
        const answered = await carryOutOnce(services, endpoint, request, reply, () => run(endpoint, request, reply));
        return answered === undefined && !reply.sent ? reply.send() : answered;
      },
    });
  }
}

/** A method that a known address does not have is refused before anything of the request is looked at. */
export function refuseOtherMethods(
  rest: FastifyInstance,
  endpoints: readonly Pick<Endpoint, 'method' | 'path'>[],
): void {
  for (const [url, own] of Map.groupBy(endpoints, ({ path }) => path)) {
    const methods = new Set<string>(own.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : method)));
    const allowed = [...methods].join(', ');
    rest.route({
      // OPTIONS is how a browser asks what another origin may do.
      method: rest.supportedMethods.filter((method) => method !== 'OPTIONS' && !methods.has(method)) as never,
      url,
      exposeHeadRoute: false,
      onRequest: (request, reply, done) => {
        reply.header('allow', allowed);
        done(new StudioError('method_not_allowed', `${request.method} is not allowed here; there are ${allowed}`));
      },
      handler: () => undefined,
    });
  }
}

/** Whatever a request changes is committed together with a note of who asked for it. */
function run(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const handle = () => endpoint.handle(callOf(request, reply) as never);
  const { auditRecord, method } = request;
  return auditRecord === null || READING.has(method) ? handle() : withCompanion(auditRecord, handle);
}

/** Before the body is read: whoever may not call gets to send no more than the headers. */
function guard(services: Services, endpoint: Endpoint) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    request.restPrincipal = await admit(services, endpoint, request, reply);
  };
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call<unknown, unknown, 'public' | 'user'> {
  return {
    principal: request.restPrincipal as never,
    params: request.params as Record<string, string>,
    query: request.query,
    body: request.body,
    request,
    reply,
  };
}
