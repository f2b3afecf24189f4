import { StudioError } from '../errors/index.js';
import { notAuthenticated, type Principal } from './access-tokens.js';

/** What an API key may be allowed to do; none of them implies another. */
export const SCOPES = ['read', 'write', 'generate'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may call an operation. A scope opens it to users who logged in and to API keys that have that scope; `user` and
 * `admin` open it to people alone. Whose rows a caller may see is the services' business: they find only its own.
 */
export const POLICIES = ['public', 'user', 'admin', ...SCOPES] as const;
export type Policy = (typeof POLICIES)[number];

/** Throws unless the caller may; both doors ask here. */
export function authorise(principal: Principal | null, policy: Policy): void {
  if (policy === 'public') return;
  if (principal === null) throw notAuthenticated();
  if (principal.apiKey !== undefined) requireScope(principal.apiKey.scopes, policy);
  else if (policy === 'admin' && principal.role !== 'admin') throw denied('Administrators only');
}

function requireScope(scopes: readonly Scope[], policy: Policy): void {
  if (!isScope(policy)) throw denied('An API key may not do this: log in');
  if (!scopes.includes(policy)) throw denied(`The API key lacks the scope "${policy}"`);
}

export function isScope(policy: Policy): policy is Scope {
  return (SCOPES as readonly Policy[]).includes(policy);
}

function denied(detail: string): StudioError {
  return new StudioError('permission_denied', detail);
}
