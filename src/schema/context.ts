import type { Services } from './services.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { RequestRecord } from '../core/audit/request-record.js';
import { notAuthenticated, type Principal } from '../core/auth/access-tokens.js';
import type { StudioError } from '../core/errors/index.js';
import type { Quota } from '../core/limits/quota.js';

/** What the caller's token turned out to be; set by the policies' hook before an operation runs. */
export interface Authentication {
  readonly principal: Principal | null;
  /** Why a token that was sent is not accepted: told by the first field that asks for a caller. */
  readonly refusal: StudioError | null;
}

/** One for each operation, whichever way it came in. Mutable because Yoga and mercurius-auth add their own keys. */
export interface RequestContext {
  readonly requestId: string;
  /** An access token or an API key. */
  readonly credential: string | undefined;
  readonly address: string;
  /** Puts what is left of a limit on the answer, where it has headers. */
  readonly tellQuota?: ((quota: Quota) => void) | undefined;
  /** As it was sent; on a WebSocket, where a request has no headers, there is none. */
  readonly idempotencyKey?: string | undefined;
  /** Says on the answer that it is an earlier one. */
  readonly tellReplayed?: (() => void) | undefined;
  /** What the audit trail will say of the operation; its action stays empty when nothing of anybody was asked for. */
  readonly record: RequestRecord;
  /** The status of the first failure that was told as a result. */
  failure?: number;
  readonly services: Services;
  readonly loaders: Loaders;
  /** Aborted when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
  auth?: Authentication;
}

export interface Caller {
  readonly requestId: string;
  readonly credential: string | undefined;
  /** Where from, as far as the server can tell. */
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly tellQuota?: (quota: Quota) => void;
  readonly idempotencyKey?: string | undefined;
  readonly tellReplayed?: () => void;
  readonly signal?: AbortSignal;
}

export function createContext(services: Services, caller: Caller): RequestContext {
  const context: RequestContext = {
    requestId: caller.requestId,
    credential: caller.credential,
    address: caller.address,
    tellQuota: caller.tellQuota,
    idempotencyKey: caller.idempotencyKey,
    tellReplayed: caller.tellReplayed,
    record: services.auditTrail.open(caller),
    signal: caller.signal,
    services,
    loaders: createLoaders(services, () => callerOf(context).userId),
  };
  return context;
}

/** Who calls; a field with the policy `user` may rely on it. */
export function callerOf(context: RequestContext): Principal {
  const principal = context.auth?.principal;
  if (principal == null) throw notAuthenticated();
  return principal;
}
