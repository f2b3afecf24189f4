import type { FastifyReply, FastifyRequest } from 'fastify';
import { FLOW_LIFETIME } from '../core/sso/login-flow.js';

const NAME = 'studio_login';

interface LoginCookie {
  /** Where the provider's answer arrives; no other address gets to see the cookie. */
  readonly callbackUrl: string;
  readonly value: string;
  /** Whether the answer arrives as a form that another site posts: no `SameSite=Lax` cookie would come with it. */
  readonly postedByProvider: boolean;
}

/** Keeps a login's first half in the browser, out of reach of scripts, until the second. */
export function setLoginCookie(reply: FastifyReply, { callbackUrl, value, postedByProvider }: LoginCookie): void {
  const { pathname, protocol } = new URL(callbackUrl);
  const isSecure = protocol === 'https:';
  // Browsers take `None` with TLS alone; without it, provider and studio are on one machine and so on one site.
  const sameSite = postedByProvider && isSecure ? 'None' : 'Lax';
  const seconds = value === '' ? 0 : FLOW_LIFETIME / 1000;
  reply.header(
    'set-cookie',
    `${NAME}=${value}; Path=${pathname}; Max-Age=${seconds}; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`,
  );
}

export function readLoginCookie(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
}
