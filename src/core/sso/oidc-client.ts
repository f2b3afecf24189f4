import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  discovery,
  enableNonRepudiationChecks,
  None,
  type ClientAuth,
  type ServerMetadata,
} from 'openid-client';
import type { OidcProvider } from './provider-config.js';

/** Seconds for each request to a provider. */
const TIMEOUT = 10;
/** Milliseconds for which what a provider says of itself is believed. */
const METADATA_LIFETIME = 3_600_000;

interface Discovered {
  readonly at: number;
  readonly client: Promise<Configuration>;
}

/** What providers say of themselves, asked for when somebody first logs in by them. */
export class OidcClients {
  readonly #discovered = new Map<string, Discovered>();

  /** Throws where the provider can't be reached, or isn't the one that its address names. */
  get(provider: OidcProvider): Promise<Configuration> {
    const known = this.#discovered.get(provider.id);
    if (known !== undefined && Date.now() - known.at < METADATA_LIFETIME) return known.client;
    const found: Discovered = { at: Date.now(), client: discover(provider) };
    this.#discovered.set(provider.id, found);
    found.client.catch(() => {
      if (this.#discovered.get(provider.id) === found) this.#discovered.delete(provider.id);
    });
    return found.client;
  }
}

async function discover({ issuer, clientId, clientSecret }: OidcProvider): Promise<Configuration> {
  const url = new URL(issuer);
  // The configuration lets an address without TLS through on this machine alone.
  const insecure = url.protocol === 'http:' ? [allowInsecureRequests] : [];
  const first = await discovery(url, clientId, clientSecret, undefined, { timeout: TIMEOUT, execute: insecure });
  const server = first.serverMetadata();
  const client = new Configuration(server, clientId, clientSecret, clientAuthentication(server, clientSecret));
  client.timeout = TIMEOUT;
  // The library takes TLS for proof enough of an ID token; its signature is checked all the same.
  for (const apply of [...insecure, enableNonRepudiationChecks]) apply(client);
  return client;
}

/** A provider that does not say takes HTTP Basic: OpenID Connect Discovery 1.0, section 3. */
function clientAuthentication(server: ServerMetadata, secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}
