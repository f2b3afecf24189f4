import { timingSafeEqual } from 'node:crypto';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Logger } from 'pino';
import type { StudioConfig } from '../app/config.js';
import { CONFIG, LOGGER, LOGIN_FLOWS } from '../app/tokens.js';
import { notFound, StudioError } from '../errors/index.js';
import { Identities } from './identities.js';
import type { LoginFlows } from './login-flow.js';
import type { LoginEnd, LoginStart, ReturningBrowser } from './login-halves.js';
import { OidcClients } from './oidc-client.js';
import { asOidcRefusal } from './oidc-errors.js';
import type { OidcProvider } from './provider-config.js';
import { alreadyUsed, outOfReach, reasonOf } from './refusals.js';
import { UsedOnceRegister } from './used-once.js';

interface ProvenClaims {
  readonly sub: string;
  readonly email?: unknown;
  readonly email_verified?: unknown;
  readonly name?: unknown;
}

/** OpenID Connect's authorization code flow with PKCE (RFC 7636), state and nonce. */
@scoped(Lifecycle.ContainerScoped)
export class OidcLogins {
  readonly #clients = new OidcClients();

  constructor(
    @inject(CONFIG) private readonly config: StudioConfig,
    @inject(LOGGER) private readonly logger: Logger,
    @inject(LOGIN_FLOWS) private readonly flows: LoginFlows,
    private readonly usedOnce: UsedOnceRegister,
    private readonly identities: Identities,
  ) {}

  /** `callbackUrl` is the address that the provider has on record for this studio. */
  async start(id: string, callbackUrl: string): Promise<LoginStart> {
    const provider = this.#provider(id);
    const client = await this.#client(provider);
    const flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(client, {
      redirect_uri: callbackUrl,
      scope: provider.scopes.join(' '),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    });
    return { redirectTo: url.href, flow: await this.flows.seal(audienceOf(provider), flow) };
  }

  /** `answer` is the query that the provider sent the browser back with. */
  async finish(id: string, callbackUrl: string, answer: URLSearchParams, browser: ReturningBrowser): Promise<LoginEnd> {
    const provider = this.#provider(id);
    const flow = await this.flows.open(audienceOf(provider), browser.flow, ['state', 'nonce', 'verifier']);
    if (!isSame(answer.get('state') ?? '', flow.state)) {
      throw new StudioError('bad_request', 'The state is not that of the login which this browser began: begin again');
    }
    const isFirst = await this.usedOnce.take(`oidc ${flow.state}`, flow.expiresAt);
    if (!isFirst) throw alreadyUsed(provider.name);
    const client = await this.#client(provider);
    const claims = await this.#refuse(provider, () => exchange(client, callbackUrl, answer, flow));
    const person = {
      issuer: provider.issuer,
      subject: claims.sub,
      email: textOrUndefined(claims.email),
      // Some providers send the word.
      emailVerified: claims.email_verified === true || claims.email_verified === 'true',
      name: textOrUndefined(claims.name),
    };
    const tokens = await this.identities.logIn(provider, person, browser.address);
    return { tokens, page: provider.redirectPage };
  }

  #provider(id: string): OidcProvider {
    const provider = this.config.oidcProviders.find((candidate) => candidate.id === id);
    if (provider === undefined) throw notFound('Login provider');
    return provider;
  }

  async #client(provider: OidcProvider): Promise<Configuration> {
    try {
      return await this.#clients.get(provider);
    } catch (error) {
      this.logger.warn({ reason: reasonOf(error), provider: provider.id }, 'a login provider could not be discovered');
      throw outOfReach(provider.name);
    }
  }

  async #refuse<T>(provider: OidcProvider, exchanging: () => Promise<T>): Promise<T> {
    try {
      return await exchanging();
    } catch (error) {
      const refusal = asOidcRefusal(error, provider.name);
      if (refusal === undefined) throw error;
      this.logger.warn({ reason: reasonOf(error), provider: provider.id }, 'a login by a provider was refused');
      throw refusal;
    }
  }
}

/** Trades the code for tokens, checks them, and asks for the e-mail address where the ID token lacks it. */
async function exchange(
  client: Configuration,
  callbackUrl: string,
  answer: URLSearchParams,
  flow: Readonly<Record<'state' | 'nonce' | 'verifier', string>>,
): Promise<ProvenClaims> {
  const url = new URL(callbackUrl);
  url.search = answer.toString();
  const tokens = await authorizationCodeGrant(client, url, {
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    pkceCodeVerifier: flow.verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims()!;
  if (claims['email'] !== undefined || client.serverMetadata().userinfo_endpoint === undefined) return claims;
  return fetchUserInfo(client, tokens.access_token, claims.sub);
}

function audienceOf({ id }: OidcProvider): string {
  return `oidc ${id}`;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function textOrUndefined(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}
