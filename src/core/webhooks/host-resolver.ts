import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { StudioConfig } from '../app/config.js';
import { CONFIG } from '../app/tokens.js';

/** Milliseconds until a name server is asked again; it is asked twice. */
const ANSWER_TIME = 2000;

/**
 * Looks names up. The system's own lookup, which knows the hosts file too, holds one of the few threads that files need
 * as well: strangers' name servers that take their time would hold them all. So it is for trusted networks alone.
 */
@scoped(Lifecycle.ContainerScoped)
export class HostResolver {
  readonly #isTrusted: boolean;
  /** Asks the machine's name servers, unless it is told of others. */
  readonly dns = new Resolver({ timeout: ANSWER_TIME, tries: 2 });

  constructor(@inject(CONFIG) { webhooks }: StudioConfig) {
    this.#isTrusted = webhooks.allowPrivate;
  }

  /** Every address of a name; rejects where it has none. */
  resolve(hostname: string): Promise<LookupAddress[]> {
    return this.#isTrusted ? lookup(hostname, { all: true }) : this.#ask(hostname);
  }

  async #ask(hostname: string): Promise<LookupAddress[]> {
    const [four, six] = await Promise.allSettled([this.dns.resolve4(hostname), this.dns.resolve6(hostname)]);
    const found = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (found.length === 0 && four.status === 'rejected') throw four.reason;
    return found;
  }
}
