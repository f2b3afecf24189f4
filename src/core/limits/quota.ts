import { StudioError } from '../errors/index.js';
import type { LimitRule } from './limit-rules.js';
import type { SlidingWindow } from './sliding-window.js';

/** A window with the rule that it is held to. */
export interface CountedWindow {
  /** Of its rows: the rule and whom it counts. */
  readonly key: string;
  readonly rule: LimitRule;
  readonly window: SlidingWindow;
}

/** What is left in the tightest of the windows that a request was counted in. */
export interface Quota {
  readonly limit: number;
  readonly remaining: number;
  /** Epoch seconds at which the oldest counted request leaves the window, so that more is left again. */
  readonly reset: number;
  /** Whole seconds until then; set when the request was refused. */
  readonly retryAfter?: number;
}

/** The window with the least left; of two the first. Null where nothing limits. */
export function quotaOf(windows: readonly CountedWindow[], now: number): Quota | null {
  let tightest: CountedWindow | undefined;
  let least = Infinity;
  for (const counted of windows) {
    const remaining = counted.rule.limit - counted.window.count(now);
    if (remaining >= least) continue;
    tightest = counted;
    least = remaining;
  }
  if (tightest === undefined) return null;
  return {
    limit: tightest.rule.limit,
    remaining: Math.max(0, least),
    reset: Math.ceil(tightest.window.freeAt(now) / 1000),
  };
}

/** A request that is one too many. It carries the quota, for the headers of the answer. */
export class RateLimitExceeded extends StudioError {
  readonly quota: Quota;

  constructor({ rule, window }: CountedWindow, now: number) {
    const freeAt = window.freeAt(now);
    const retryAfter = Math.max(1, Math.ceil((freeAt - now) / 1000));
    super('rate_limit_exceeded', `At most ${rule.limit} ${rule.what}: try again in ${retryAfter} s`, { retryAfter });
    this.quota = { limit: rule.limit, remaining: 0, reset: Math.ceil(freeAt / 1000), retryAfter };
  }
}

/** How HTTP tells of a quota, at either door. */
export function quotaHeaders({ limit, remaining, reset, retryAfter }: Quota): Record<string, number> {
  return {
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': reset,
    ...(retryAfter !== undefined && { 'x-ratelimit-retry-after': retryAfter, 'retry-after': retryAfter }),
  };
}

/** The headers of a refusal: when to try again, and of a rate limit its quota. */
export function refusalHeaders(error: StudioError): Record<string, number> {
  if (error instanceof RateLimitExceeded) return quotaHeaders(error.quota);
  const { retryAfter, status } = error;
  if (retryAfter === undefined) return {};
  return { 'retry-after': retryAfter, ...(status === 429 && { 'x-ratelimit-retry-after': retryAfter }) };
}
