import type { SAML } from '@node-saml/node-saml';
import type { SamlProvider } from './provider-config.js';
import { refusedByProvider, unprovenAnswer } from './refusals.js';
import { CLOCK_SKEW } from './saml-assertion.js';

/** Our own addresses for one provider. */
export interface SamlAddresses {
  readonly metadataUrl: string;
  readonly callbackUrl: string;
}

/** The library takes a tenth of a second to load, which a studio without SAML does not wait for. */
const library = () => import('@node-saml/node-saml');

export async function createServiceProvider(
  provider: SamlProvider,
  { metadataUrl, callbackUrl }: SamlAddresses,
  requestId: string,
): Promise<SAML> {
  const { SAML, ValidateInResponseTo } = await library();
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

/** The assertion out of the bytes that the provider signed; nothing else of the response is looked at. */
export async function readSigned(
  provider: SamlProvider,
  addresses: SamlAddresses,
  response: string,
  requestId: string,
): Promise<unknown> {
  const { SamlStatusError } = await library();
  const serviceProvider = await createServiceProvider(provider, addresses, requestId);
  try {
    const { profile } = await serviceProvider.validatePostResponseAsync({ SAMLResponse: response });
    return profile?.getAssertion?.();
  } catch (error) {
    // It reads nothing but the response: whatever it throws is the response's fault.
    if (error instanceof SamlStatusError) throw refusedByProvider(provider.name, error.message);
    const isExplained = error instanceof Error && error.constructor === Error;
    throw unprovenAnswer(provider.name, isExplained ? error.message : 'it is malformed');
  }
}
