import type { FastifyRequest } from 'fastify';
import type { AuthService } from '../core/auth/auth.service.js';
import type { Principal } from '../core/auth/access-tokens.js';
import { credentialOf } from '../core/auth/credentials.js';
import { authorise, type Policy } from '../core/auth/policies.js';

/** Who asks, once it is certain that they may. A public route looks at no token, so that a stale one does no harm. */
export async function authenticate(auth: AuthService, request: FastifyRequest, policy: Policy) {
  if (policy === 'public') return null;
  const token = credentialOf(request.headers);
  const principal: Principal | null = token === undefined ? null : await auth.authenticate(token);
  authorise(principal, policy);
  return principal;
}
