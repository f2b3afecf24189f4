import type { FastifyRequest } from 'fastify';
import type { AuthService } from '../core/auth/auth.service.js';
import type { Principal } from '../core/auth/access-tokens.js';
import { credentialOf } from '../core/auth/credentials.js';

/** Who asks, or null where no credential was sent; throws for one that does not hold. */
export async function identify(auth: AuthService, { headers }: FastifyRequest): Promise<Principal | null> {
  const credential = credentialOf(headers);
  return credential === undefined ? null : auth.authenticate(credential);
}
