import { randomBytes } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Logger } from 'pino';
import type { StudioConfig } from '../app/config.js';
import { CONFIG, LOGGER, LOGIN_FLOWS } from '../app/tokens.js';
import { notFound } from '../errors/index.js';
import { Identities } from './identities.js';
import type { LoginFlows } from './login-flow.js';
import type { LoginEnd, LoginStart, ReturningBrowser } from './login-halves.js';
import type { SamlProvider } from './provider-config.js';
import { alreadyUsed, reasonOf } from './refusals.js';
import { type AcceptedAssertion, acceptAssertion } from './saml-assertion.js';
import { checkSamlDocument } from './saml-document.js';
import { createServiceProvider, readSigned, type SamlAddresses } from './saml-service-provider.js';
import { UsedOnceRegister } from './used-once.js';

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
  async metadata(id: string, addresses: SamlAddresses): Promise<string> {
    const serviceProvider = await createServiceProvider(this.#provider(id), addresses, newRequestId());
    return serviceProvider.generateServiceProviderMetadata(null);
  }

  async start(id: string, addresses: SamlAddresses): Promise<LoginStart> {
    const provider = this.#provider(id);
    const requestId = newRequestId();
    const serviceProvider = await createServiceProvider(provider, addresses, requestId);
    const redirectTo = await serviceProvider.getAuthorizeUrlAsync('', undefined, {});
    return { redirectTo, flow: await this.flows.seal(audienceOf(provider), { requestId }) };
  }

  async finish(id: string, addresses: SamlAddresses, response: string, browser: ReturningBrowser): Promise<LoginEnd> {
    const provider = this.#provider(id);
    const { requestId } = await this.flows.open(audienceOf(provider), browser.flow, ['requestId']);
    const { id: assertionId, expiresAt, person } = await this.#accept(provider, addresses, response, requestId);
    const isFirst = await this.usedOnce.take(`saml ${provider.issuer} ${assertionId}`, expiresAt);
    if (!isFirst) throw alreadyUsed(provider.name);
    const tokens = await this.identities.logIn(provider, person, browser.address);
    return { tokens, page: provider.redirectPage };
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

/** An XML id: it begins with no digit. */
function newRequestId(): string {
  return `_${randomBytes(20).toString('hex')}`;
}

function audienceOf({ id }: SamlProvider): string {
  return `saml ${id}`;
}
