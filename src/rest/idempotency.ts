import { createHash, hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, REPLAYED_HEADER } from '../core/idempotency/idempotency.service.js';
import { addressKey } from '../core/limits/address-key.js';
import type { Endpoint } from './endpoint.js';
import type { Services } from './services.js';
import { readUpload } from './upload.js';

const CREATED = 201;
const KEPT_HEADERS = ['location', 'preference-applied'] as const;

/** Whether a request with an Idempotency-Key is carried out once: those that create something. */
export function isRepeatable({ method, status }: Endpoint): boolean {
  return method === 'POST' && status === CREATED;
}

/** Carries out a request that creates something; with a key, once, and the same again gets the first answer. */
export async function carryOutOnce(
  services: Services,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
  carryOut: () => Promise<unknown>,
): Promise<unknown> {
  const given = [request.headers['idempotency-key']].flat()[0];
  if (given === undefined || !isRepeatable(endpoint)) return carryOut();
  if (endpoint.docs.multipart !== undefined) request.bodyDigest = createHash('sha256');
  const { answer, replayed } = await services.idempotency.run(
    {
      sender: request.restPrincipal?.userId ?? addressKey(request.ip),
      route: `${endpoint.method as string} ${endpoint.path}`,
      key: given,
      fingerprint: () => fingerprintOf(request),
    },
    async () => toAnswer(await carryOut(), reply),
  );
  reply.code(answer.status).headers(answer.headers).type('application/json; charset=utf-8');
  if (replayed) reply.header(REPLAYED_HEADER, 'true');
  return reply.send(answer.body);
}

function toAnswer(answered: unknown, reply: FastifyReply): Answer {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body: JSON.stringify(answered) };
}

/** A JSON body is at hand; an upload was hashed while it was read, or, a repeated one, is read for that alone. */
async function fingerprintOf(request: FastifyRequest): Promise<string> {
  const { bodyDigest, url, body } = request;
  if (bodyDigest === null) return hash('sha256', JSON.stringify([url, body ?? {}]), 'hex');
  if (!request.isBodyRead) await readAway(request);
  return bodyDigest.update(url).digest('hex');
}

async function readAway(request: FastifyRequest): Promise<void> {
  const { stream } = await readUpload(request, ['name', 'description']);
  stream.resume();
  await new Promise((done, fail) => stream.once('end', done).once('error', fail));
}
