import { createHash } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { StudioConfig } from '../app/config.js';
import { CONFIG } from '../app/tokens.js';
import { addressKey } from './address-key.js';
import { type LimitKind, limitRules } from './limit-rules.js';
import { type CountedWindow, type Quota, quotaOf, RateLimitExceeded } from './quota.js';
import type { RateCount } from './rate-count.entity.js';
import { SlidingWindow } from './sliding-window.js';

/**
 * Counts the requests of both doors and refuses those beyond the limits. It decides from memory, at once; RateSync
 * shares the counts with other processes and with the next start.
 */
@scoped(Lifecycle.ContainerScoped)
export class RequestLimiter {
  readonly #rules: ReturnType<typeof limitRules>;
  readonly #windows: Record<LimitKind, Map<string, readonly CountedWindow[]>> = {
    user: new Map(),
    upload: new Map(),
    anonymous: new Map(),
    login: new Map(),
  };
  #changed = new Set<CountedWindow>();

  constructor(@inject(CONFIG) config: Pick<StudioConfig, 'limits'>) {
    this.#rules = limitRules(config.limits);
  }

  /** A request of a user, or of nobody known from an address. Throws {@link RateLimitExceeded}; null where no limit is set. */
  admit(userId: string | null, address: string, now = Date.now()): Quota | null {
    return userId === null
      ? this.#count([this.#windowsOf('anonymous', addressKey(address))], now)
      : this.#count([this.#windowsOf('user', userId)], now);
  }

  /** A request of a user that brings a file. */
  admitUpload(userId: string, now = Date.now()): Quota | null {
    return this.#count([this.#windowsOf('upload', userId), this.#windowsOf('user', userId)], now);
  }

  /** A file in a request that was admitted as such. */
  countUpload(userId: string, now = Date.now()): Quota | null {
    return this.#count([this.#windowsOf('upload', userId)], now);
  }

  /** An attempt to log in, within a request that was admitted. Nothing is kept of the e-mail address but a hash. */
  countLogin(address: string, email: string, now = Date.now()): Quota | null {
    const who = createHash('sha256').update(email.trim().toLowerCase()).digest('base64url');
    return this.#count([this.#windowsOf('login', `${addressKey(address)} ${who}`)], now);
  }

  /** What this process has counted since it was last asked. */
  takeChanges(): RateCount[] {
    const changed = this.#changed;
    this.#changed = new Set();
    return [...changed].flatMap(({ key, window }) =>
      [...window.takeUnsent()].map(([slot, count]) => {
        return { key, slot, count, expiresAt: new Date(window.expiryOf(slot)) };
      }),
    );
  }

  /** Puts back changes that could not be shared. */
  returnChanges(changes: readonly RateCount[]): void {
    for (const { key, slot, count } of changes) {
      const counted = this.#find(key);
      if (counted === undefined) continue;
      counted.window.returnUnsent(slot, count);
      this.#changed.add(counted);
    }
  }

  /** Takes over what all processes together have counted. */
  merge(totals: readonly RateCount[], now = Date.now()): void {
    for (const { key, slot, count } of totals) this.#find(key)?.window.merge(slot, count, now);
  }

  /** Forgets who has not called for as long as a window. */
  forgetIdle(now = Date.now()): void {
    for (const subjects of Object.values(this.#windows)) {
      for (const [subject, windows] of subjects) {
        if (windows.every(({ window }) => window.isIdle(now))) subjects.delete(subject);
      }
    }
  }

  #count(groups: readonly (readonly CountedWindow[])[], now: number): Quota | null {
    const windows = groups.length === 1 ? groups[0]! : groups.flat();
    for (const counted of windows) {
      if (counted.window.count(now) >= counted.rule.limit) throw new RateLimitExceeded(counted, now);
    }
    for (const counted of windows) {
      counted.window.add(now);
      this.#changed.add(counted);
    }
    return quotaOf(windows, now);
  }

  #windowsOf(kind: LimitKind, subject: string): readonly CountedWindow[] {
    const known = this.#windows[kind].get(subject);
    if (known !== undefined) return known;
    const windows = this.#rules[kind].map((rule) => {
      return { key: `${rule.name}:${subject}`, rule, window: new SlidingWindow(rule.windowMs) };
    });
    this.#windows[kind].set(subject, windows);
    return windows;
  }

  /** Undefined for a rule that was turned off since. */
  #find(key: string): CountedWindow | undefined {
    const end = key.indexOf(':');
    const name = key.slice(0, end);
    const kinds = Object.keys(this.#rules) as LimitKind[];
    const kind = kinds.find((candidate) => this.#rules[candidate].some((rule) => rule.name === name));
    if (kind === undefined) return undefined;
    return this.#windowsOf(kind, key.slice(end + 1)).find((counted) => counted.key === key);
  }
}
