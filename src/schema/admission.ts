import { StudioError } from '../core/errors/index.js';
import { type Quota, RateLimitExceeded } from '../core/limits/quota.js';
import type { RequestLimiter } from '../core/limits/request-limiter.js';
import type { Authentication, RequestContext } from './context.js';

/** Finds out who calls, once for each operation. A token that does not hold is not told of until a field asks for a caller. */
export async function identify(context: RequestContext): Promise<Authentication> {
  return (context.auth ??= await authenticate(context));
}

/** Counts the operation, as one request; throws for one that is too many. */
export async function admit(context: RequestContext): Promise<void> {
  const { principal } = await identify(context);
  spend(context, (limits) => limits.admit(principal?.userId ?? null, context.address));
}

/** Counts something that has a limit of its own; throws when it is too much. */
export function spend(context: RequestContext, count: (limits: RequestLimiter) => Quota | null): void {
  try {
    const quota = count(context.services.limits);
    if (quota !== null) context.tellQuota?.(quota);
  } catch (error) {
    if (error instanceof RateLimitExceeded) context.tellQuota?.(error.quota);
    throw error;
  }
}

async function authenticate({ services, credential }: RequestContext): Promise<Authentication> {
  if (credential === undefined) return { principal: null, refusal: null };
  try {
    return { principal: await services.auth.authenticate(credential), refusal: null };
  } catch (error) {
    // A stale token must not keep its owner from logging in; the first field that asks for a caller tells of it.
    if (error instanceof StudioError) return { principal: null, refusal: error };
    throw error;
  }
}
