import { SignedXml } from 'xml-crypto';
import { SAML_ISSUER } from './saml-provider.js';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const TIME = 60_000;

/** What a test wants otherwise than a provider would have it. */
export interface Wishes {
  readonly id?: string;
  readonly issuer?: string;
  readonly nameId?: string;
  readonly nameIdFormat?: string;
  readonly email?: string;
  readonly audience?: string | null;
  readonly recipient?: string | null;
  readonly inResponseTo?: string | null;
  readonly method?: string;
  /** Milliseconds from now. */
  readonly notBefore?: number;
  readonly notOnOrAfter?: number;
  /** Of the confirmation; as that of the conditions unless it is given. */
  readonly confirmedUntil?: number;
}

export interface Addressed {
  readonly requestId: string;
  readonly callbackUrl: string;
  readonly entityId: string;
}

const at = (offset: number) => new Date(Date.now() + offset).toISOString();
const attribute = (name: string, value: string | null) => (value === null ? '' : ` ${name}="${value}"`);

/** An assertion in order, but for the wishes, without a signature. */
export function assertion({ requestId, callbackUrl, entityId }: Addressed, wishes: Wishes = {}): string {
  const until = wishes.notOnOrAfter ?? TIME;
  const confirmation =
    attribute('InResponseTo', wishes.inResponseTo === undefined ? requestId : wishes.inResponseTo) +
    attribute('Recipient', wishes.recipient === undefined ? callbackUrl : wishes.recipient) +
    attribute('NotOnOrAfter', at(wishes.confirmedUntil ?? until));
  const audience = wishes.audience === undefined ? entityId : wishes.audience;
  const format = wishes.nameIdFormat ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  return [
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${wishes.id ?? `_${crypto.randomUUID()}`}" Version="2.0" IssueInstant="${at(0)}">`,
    `<saml:Issuer>${wishes.issuer ?? SAML_ISSUER}</saml:Issuer>`,
    `<saml:Subject><saml:NameID Format="${format}">${wishes.nameId ?? 'id-of-ann'}</saml:NameID>`,
    `<saml:SubjectConfirmation Method="${wishes.method ?? 'urn:oasis:names:tc:SAML:2.0:cm:bearer'}"><saml:SubjectConfirmationData${confirmation}/></saml:SubjectConfirmation></saml:Subject>`,
    `<saml:Conditions NotBefore="${at(wishes.notBefore ?? -TIME)}" NotOnOrAfter="${at(until)}">`,
    audience === null
      ? ''
      : `<saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction>`,
    `</saml:Conditions><saml:AuthnStatement AuthnInstant="${at(0)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
    `<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>${wishes.email ?? 'ann@corp.example'}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
    '</saml:Assertion>',
  ].join('');
}

export function response({ requestId, callbackUrl }: Addressed, content: string, id = '_response'): string {
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${id}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${callbackUrl}" InResponseTo="${requestId}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${SAML_ISSUER}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${content}</samlp:Response>`;
}

export interface Signing {
  readonly key: string;
  readonly certificate?: string;
  readonly algorithm?: string;
  readonly digest?: string;
}

/** The document with a signature of its root element, put after the issuer as the standard has it. */
export function sign(xml: string, { key, certificate, algorithm, digest }: Signing): string {
  const signer = new SignedXml({
    privateKey: key,
    ...(certificate !== undefined && { publicCert: certificate }),
    signatureAlgorithm: algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  if (algorithm?.endsWith('hmac-sha1') === true) signer.enableHMAC();
  signer.addReference({
    xpath: '/*',
    transforms: [ENVELOPED, EXCLUSIVE],
    digestAlgorithm: digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, { location: { reference: "/*/*[local-name()='Issuer']", action: 'after' } });
  return signer.getSignedXml();
}

export const SIGNATURE = /<Signature [\s\S]*?<\/Signature>/;

export function base64(xml: string): string {
  return Buffer.from(xml).toString('base64');
}
