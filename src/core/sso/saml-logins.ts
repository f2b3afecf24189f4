import { randomBytes } from 'node:crypto';
import { SAML, SamlStatusError, ValidateInResponseTo } from '@node-saml/node-saml';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Logger } from 'pino';
import type { StudioConfig } from '../app/config.js';
import { CONFIG, LOGGER, LOGIN_FLOWS } from '../app/tokens.js';
import { notFound } from '../errors/index.js';
import { Identities } from './identities.js';
import type { LoginFlows } from './login-flow.js';
import type { LoginEnd, LoginStart } from './login-halves.js';
import type { SamlProvider } from './provider-config.js';
import { alreadyUsed, reasonOf, refusedByProvider, unprovenAnswer } from './refusals.js';
import { type AcceptedAssertion, acceptAssertion, CLOCK_SKEW } from './saml-assertion.js';
import { checkSamlDocument } from './saml-document.js';
import { UsedOnceRegister } from './used-once.js';

/** Our own addresses for one provider. */
export interface SamlAddresses {
  readonly metadataUrl: string;
  readonly callbackUrl: string;
}

/** SAML 2.0 web browser single sign-on, begun here: requests by HTTP-Redirect, answers by HTTP-POST. */
@scoped(Lifecycle.ContainerScoped)
export class SamlLogins {
  constructor(
    @inject(CONFIG) private readonly config: StudioConfig,
    @inject(LOGGER) private readonly logger: Logger,
    @inject(LOGIN_FLOWS) private readonly flows: LoginFlows,
    private readonly usedOnce: UsedOnceRegister,
    private readonly identities: Identities,
  ) {}

  /** What the provider has to know of this studio, as XML. */
  metadata(id: string, addresses: SamlAddresses): string {
    return serviceProvider(this.#provider(id), addresses, newRequestId()).generateServiceProviderMetadata(null);
  }

  async start(id: string, addresses: SamlAddresses): Promise<LoginStart> {
    const provider = this.#provider(id);
    const requestId = newRequestId();
    const redirectTo = await serviceProvider(provider, addresses, requestId).getAuthorizeUrlAsync('', undefined, {});
    return { redirectTo, flow: await this.flows.seal(audienceOf(provider), { requestId }) };
  }

  async finish(id: string, addresses: SamlAddresses, response: string, sealed: string | undefined): Promise<LoginEnd> {
    const provider = this.#provider(id);
    const { requestId } = await this.flows.open(audienceOf(provider), sealed, ['requestId']);
    const { id: assertionId, expiresAt, person } = await this.#accept(provider, addresses, response, requestId);
    const isFirst = await this.usedOnce.take(`saml ${provider.issuer} ${assertionId}`, expiresAt);
    if (!isFirst) throw alreadyUsed(provider.name);
    return { tokens: await this.identities.logIn(provider, person), page: provider.redirectPage };
  }

  async #accept(
    provider: SamlProvider,
    addresses: SamlAddresses,
    response: string,
    requestId: string,
  ): Promise<AcceptedAssertion> {
    try {
      checkSamlDocument(response, provider.name);
      const signed = await readSigned(provider, addresses, response, requestId);
      return acceptAssertion(provider, signed, { requestId, recipient: addresses.callbackUrl });
    } catch (error) {
      this.logger.warn({ reason: reasonOf(error), provider: provider.id }, 'a login by a provider was refused');
      throw error;
    }
  }

  #provider(id: string): SamlProvider {
    const provider = this.config.samlProviders.find((candidate) => candidate.id === id);
    if (provider === undefined) throw notFound('Login provider');
    return provider;
  }
}

/** The assertion out of the bytes that the provider signed; nothing else of the response is looked at. */
async function readSigned(provider: SamlProvider, addresses: SamlAddresses, response: string, requestId: string) {
  try {
    const saml = serviceProvider(provider, addresses, requestId);
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
    return profile?.getAssertion?.();
  } catch (error) {
    // The library reads nothing but the response: whatever it throws is the response's fault.
    if (error instanceof SamlStatusError) throw refusedByProvider(provider.name, error.message);
    const isExplained = error instanceof Error && error.constructor === Error;
    throw unprovenAnswer(provider.name, isExplained ? error.message : 'it is malformed');
  }
}

function serviceProvider(provider: SamlProvider, { metadataUrl, callbackUrl }: SamlAddresses, requestId: string): SAML {
  const entityId = provider.entityId ?? metadataUrl;
  return new SAML({
    issuer: entityId,
    audience: entityId,
    callbackUrl,
    entryPoint: provider.entryPoint,
    idpCert: [...provider.certificates],
    generateUniqueId: () => requestId,
    // How people prove who they are, and by which name they are known, is the provider's business.
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    wantAssertionsSigned: true,
    // The assertion is what is believed, and nothing around it.
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: CLOCK_SKEW,
    // The request is in the browser's keeping: acceptAssertion holds the signed part against it.
    validateInResponseTo: ValidateInResponseTo.never,
  });
}

/** An XML id: it begins with no digit. */
function newRequestId(): string {
  return `_${randomBytes(20).toString('hex')}`;
}

function audienceOf({ id }: SamlProvider): string {
  return `saml ${id}`;
}
