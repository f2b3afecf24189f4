import { newId } from '../app/ids.js';
import type { CommitCompanion, CompanionRow } from '../persistence/commit-companion.js';
import type { AuditFacts } from './chain.js';

/** Where a request comes from. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string | undefined;
}

const LONGEST_TEXT = 500;

/**
 * What the audit trail will say of a request. While the request runs, it goes along with whatever the request commits,
 * so that no change outlives a crash without a trace of who made it.
 */
export class RequestRecord implements CommitCompanion {
  userId: string | null = null;
  action = '';
  resource = '';
  readonly #origin: RequestOrigin;
  readonly #begun = performance.now();
  #intentId: string | null = null;
  #isOpen = true;

  constructor(origin: RequestOrigin) {
    this.#origin = origin;
  }

  /** The id of the note that was committed with a change of this request. */
  get intentId(): string | null {
    return this.#intentId;
  }

  rows(): readonly CompanionRow[] {
    // What was begun by the request and goes on after its answer is not the request's any more.
    if (!this.#isOpen) return [];
    this.#intentId ??= newId();
    return [{ table: 'audit_intent', row: { id: this.#intentId, time: Date.now(), ...this.#facts() } }];
  }

  /** Its entry, once it has been answered. */
  close(status: number): AuditFacts {
    this.#isOpen = false;
    const durationMs = Math.round((performance.now() - this.#begun) * 1000) / 1000;
    return { time: new Date(), ...this.#facts(), status, durationMs };
  }

  #facts() {
    const { requestId, address, userAgent } = this.#origin;
    return {
      userId: this.userId,
      action: asKept(this.action),
      resource: asKept(this.resource),
      address,
      userAgent: userAgent === undefined ? null : asKept(userAgent),
      requestId,
    };
  }
}

/** Well-formed too: half a surrogate pair is kept as another character, and the entry would seem to have been altered. */
function asKept(text: string): string {
  const short = text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
  return short.toWellFormed();
}
