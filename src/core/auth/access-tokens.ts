import { errors, jwtVerify, SignJWT } from 'jose';
import { StudioError } from '../errors/index.js';
import type { Scope } from './policies.js';
import type { Role, User } from './user.entity.js';

/** Who a request is from. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  /** The login that its tokens come from, or the API key. */
  readonly sessionId: string;
  /** Present when no person calls, but a machine with a key of theirs. */
  readonly apiKey?: ApiKeyGrant;
}

/** What an API key brings with it. */
export interface ApiKeyGrant {
  readonly id: string;
  readonly scopes: readonly Scope[];
}

interface Verified extends Principal {
  readonly expiresAt: number;
}

const CACHE_SIZE = 10_000;

/** Signs and verifies the JWTs. A token is verified once and then remembered: the signature costs more than the rest of a request. */
export class AccessTokens {
  readonly #verified = new Map<string, Verified>();

  constructor(
    private readonly secret: Uint8Array,
    /** Milliseconds. */
    readonly lifetime: number,
  ) {}

  sign(user: User, sessionId: string): Promise<string> {
    return new SignJWT({ email: user.email, role: user.role, sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(user.id)
      .setIssuedAt()
      .setExpirationTime(new Date(Date.now() + this.lifetime))
      .setJti(crypto.randomUUID())
      .sign(this.secret);
  }

  async verify(token: string): Promise<Principal> {
    const known = this.#verified.get(token);
    if (known !== undefined) {
      if (known.expiresAt > Date.now()) return known;
      this.#verified.delete(token);
    }
    const principal = await this.#check(token);
    if (this.#verified.size >= CACHE_SIZE) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(token, principal);
    return principal;
  }

  async #check(token: string): Promise<Verified> {
    try {
      const { payload } = await jwtVerify(token, this.secret, {
        algorithms: ['HS256'],
        requiredClaims: ['sub', 'email', 'role', 'sid', 'exp'],
      });
      return {
        userId: payload.sub!,
        email: payload['email'] as string,
        role: payload['role'] as Role,
        sessionId: payload['sid'] as string,
        expiresAt: payload.exp! * 1000,
      };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw tokenExpired('Token has expired');
      throw notAuthenticated();
    }
  }
}

export function notAuthenticated(): StudioError {
  return new StudioError('authentication_error', 'Not authenticated');
}

export function tokenExpired(detail: string): StudioError {
  return new StudioError('token_expired', detail);
}
