import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import { Readable } from 'node:stream';
import { StudioError } from '../../core/errors/index.js';
import type { RequestContext } from '../context.js';
import type { Engine } from './engine.js';
import { readOperation } from './operation.js';
import { executeUpload } from './uploads.js';

const RESPONSE_TYPE = 'application/graphql-response+json';

/** The context of a request that is within its limits; throws for another. */
export type ContextOf = (request: FastifyRequest, reply: FastifyReply, signal?: AbortSignal) => Promise<RequestContext>;

/**
 * Plain JSON posts, which are nearly all, go straight to the engine, and uploads too; server-sent events and whatever
 * else GraphQL over HTTP allows are Yoga's.
 */
export function addHttpPost(app: FastifyInstance, engine: Engine, contextOf: ContextOf): void {
  app.post('/graphql', async (request, reply) => {
    if (isUpload(request)) {
      const context = await contextOf(request, reply, goneSignal(reply));
      return sendResult(request, reply, await executeUpload(engine, request, context));
    }
    const context = await contextOf(request, reply);
    if (!isPlain(request)) return sendThroughYoga(engine, request, reply, context);
    return sendResult(request, reply, await engine.execute(readOperation(request.body), context));
  });
}

function isUpload({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith('multipart/form-data') === true;
}

function isPlain({ headers }: FastifyRequest): boolean {
  const accept = headers.accept ?? '*/*';
  return (
    !accept.includes('text/event-stream') &&
    !accept.includes('multipart/mixed') &&
    (accept.includes('json') || accept.includes('*/*') || accept.includes('application/*'))
  );
}

/** Aborted when the caller leaves before the answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Statuses as in GraphQL over HTTP: an `application/json` answer is 200 even when the operation was refused. */
function sendResult(request: FastifyRequest, reply: FastifyReply, result: ExecutionResult | null): FastifyReply {
  if (result === null) {
    throw new StudioError('bad_request', 'A subscription is answered over a WebSocket, or as text/event-stream');
  }
  const modern = request.headers.accept?.includes(RESPONSE_TYPE) === true;
  if (modern && !('data' in result)) reply.code(400);
  reply.header('content-type', `${modern ? RESPONSE_TYPE : 'application/json'}; charset=utf-8`);
  return reply.send(JSON.stringify(result));
}

export async function sendThroughYoga(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  context: RequestContext,
): Promise<FastifyReply> {
  const response = await engine.yoga.handleNodeRequest(request as never, context as never);
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  // Through Fastify, so that its hooks and headers hold here too; a reader that goes away ends the stream.
  return reply.send(response.body === null ? null : Readable.from(response.body as AsyncIterable<Uint8Array>));
}
