import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { StudioConfig } from '../app/config.js';
import { CONFIG } from '../app/tokens.js';
import { type FieldErrorCode, invalid } from '../errors/index.js';
import { HostResolver } from './host-resolver.js';
import { isPublicAddress } from './public-address.js';

export const MAXIMUM_URL = 2048;
/** Milliseconds that a name may take at registration; one that takes longer is looked up again when it is called. */
const LOOKUP_TIME = 3000;
const NOT_PUBLIC = 'Must lead to a public address';
/** This machine, whatever the DNS says: RFC 6761, section 6.3. */
const THIS_MACHINE = /(^|\.)localhost\.?$/;

/**
 * Where a webhook may lead: http or https, to public addresses alone unless the configuration says otherwise. A name is
 * judged by its addresses, here when it is registered and in {@link lookup} whenever it is connected to, since what a
 * name stands for is its owner's to change.
 */
@scoped(Lifecycle.ContainerScoped)
export class WebhookTargets {
  readonly #allowPrivate: boolean;

  constructor(
    @inject(CONFIG) { webhooks }: StudioConfig,
    private readonly resolver: HostResolver,
  ) {
    this.#allowPrivate = webhooks.allowPrivate;
  }

  /** The address in its usual spelling. Throws `validation_error`. A name that nobody knows yet is taken. */
  async check(text: string): Promise<string> {
    const url = parse(text);
    if (this.#allowPrivate) return url.href;
    if (THIS_MACHINE.test(url.hostname)) throw refuse(NOT_PUBLIC, 'invalid_choice');
    const literal = addressIn(url);
    const addresses = literal === null ? await this.#addresses(url.hostname) : [literal];
    if (!addresses.every(isPublicAddress)) throw refuse(NOT_PUBLIC, 'invalid_choice');
    return url.href;
  }

  /** Throws where the address stands in the URL itself, which is connected to without a lookup, and is not public. */
  checkLiteral(url: URL): void {
    const literal = addressIn(url);
    if (literal !== null) this.#require([literal]);
  }

  /** For a connection: the very addresses that were judged are the ones connected to. */
  readonly lookup: LookupFunction = (hostname, { all }, callback) => {
    callbackify(() => this.#connectable(hostname))((error, found) => {
      if (error) callback(error, []);
      else if (all === true) callback(null, found);
      else callback(null, found[0]!.address, found[0]!.family);
    });
  };

  async #connectable(hostname: string): Promise<LookupAddress[]> {
    const found = await this.resolver.resolve(hostname);
    this.#require(found.map(({ address }) => address));
    return found;
  }

  #require(addresses: readonly string[]): void {
    if (addresses.length === 0) throw new Error('The name has no address');
    if (!this.#allowPrivate && !addresses.every(isPublicAddress)) throw new Error('Refused: not a public address');
  }

  async #addresses(hostname: string): Promise<string[]> {
    const nothing = AbortSignal.timeout(LOOKUP_TIME);
    const timeout = new Promise<[]>((done) => nothing.addEventListener('abort', () => done([]), { once: true }));
    const found = await Promise.race([this.resolver.resolve(hostname).catch(() => []), timeout]);
    return found.map(({ address }) => address);
  }
}

function parse(text: string): URL {
  if (text.length > MAXIMUM_URL) throw refuse(`Must have at most ${MAXIMUM_URL} characters`, 'range_error');
  const url = URL.parse(text);
  if (url === null) throw refuse('Must be a URL', 'invalid_format');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refuse('Must begin with https:// or http://', 'invalid_choice');
  }
  if (url.username !== '' || url.password !== '') throw refuse('Must not contain credentials', 'invalid_format');
  return url;
}

/** The address that stands in a URL instead of a name; the parser has brought every spelling of it to the usual one. */
function addressIn({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}

function refuse(message: string, code: FieldErrorCode) {
  return invalid({ field: 'url', message, code });
}
