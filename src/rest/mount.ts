import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../core/auth/access-tokens.js';
import { admit, isOperational } from './admission.js';
import type { Call, Endpoint } from './endpoint.js';
import type { Services } from './services.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the REST routes that are not public. */
    restPrincipal: Principal | null;
  }
}

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
        const answered = await endpoint.handle(callOf(request, reply) as never);
        return answered === undefined && !reply.sent ? reply.send() : answered;
      },
    });
  }
}

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
