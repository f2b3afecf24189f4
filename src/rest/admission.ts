import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../core/auth/access-tokens.js';
import type { RequestRecord } from '../core/audit/request-record.js';
import { authorise } from '../core/auth/policies.js';
import { type Quota, quotaHeaders } from '../core/limits/quota.js';
import { identify } from './authentication.js';
import type { Endpoint } from './endpoint.js';
import type { Services } from './services.js';

/** Signs of life and descriptions of the studio: nobody's data, asked for by machines, neither counted nor recorded. */
export function isOperational({ access, docs }: Endpoint): boolean {
  return access === 'public' && docs.tag === 'Operations';
}

/**
 * Who may go on: known or not, within the limits, allowed. Before the body is read, so that whoever may not gets to send
 * no more than the headers. A public route looks at no token: a stale one does no harm there.
 */
export async function admit(
  services: Services,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal | null> {
  let principal: Principal | null = null;
  let refusal: unknown;
  if (endpoint.access !== 'public') {
    try {
      principal = await identify(services.auth, request);
    } catch (error) {
      // Counted with the address: guesses of tokens are requests too.
      refusal = error;
    }
  }
  const quota = count(services, endpoint, principal, request.ip);
  if (quota !== null) reply.headers(quotaHeaders(quota));
  // From here on it leaves an entry, whatever becomes of it; what the limits refuse leaves none, or a flood would fill the disk.
  request.auditRecord = openRecord(services, request, principal);
  if (refusal !== undefined) throw refusal;
  authorise(principal, endpoint.access);
  return principal;
}

/** What the audit trail will say of a request: its path, never what follows, since tokens and codes come there. */
export function openRecord(
  { auditTrail }: Services,
  request: FastifyRequest,
  principal: Principal | null,
): RequestRecord {
  const { id: requestId, ip: address, headers, method, url } = request;
  const record = auditTrail.open({ requestId, address, userAgent: headers['user-agent'] });
  record.resource = pathOf(url);
  record.action = `${method} ${record.resource}`;
  record.userId = principal?.userId ?? null;
  return record;
}

function pathOf(url: string): string {
  const path = url.split('?', 1)[0]!;
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function count({ limits }: Services, endpoint: Endpoint, principal: Principal | null, address: string): Quota | null {
  return principal !== null && endpoint.docs.multipart !== undefined
    ? limits.admitUpload(principal.userId)
    : limits.admit(principal?.userId ?? null, address);
}
