import { z } from 'zod';
import type { ProvenIdentity } from './identities.js';
import type { SamlProvider } from './provider-config.js';
import { unprovenAnswer } from './refusals.js';

/** Milliseconds by which a provider's clock may differ from ours. */
export const CLOCK_SKEW = 60_000;

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const EMAIL_ADDRESS = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

const text = z.object({ _: z.string().min(1), $: z.object({ Format: z.string().optional() }).optional() });
const confirmation = z.object({
  $: z.object({ Method: z.string() }),
  SubjectConfirmationData: z
    .tuple([
      z.object({
        $: z.object({
          Recipient: z.string().optional(),
          InResponseTo: z.string().optional(),
          NotBefore: z.string().optional(),
          NotOnOrAfter: z.string().optional(),
        }),
      }),
    ])
    .optional(),
});
const attribute = z.object({
  $: z.object({ Name: z.string(), FriendlyName: z.string().optional() }),
  AttributeValue: z.array(z.unknown()).optional(),
});

/** An assertion as the SAML library reads it out of the bytes that were signed: each element a list of its namesakes. */
const signedAssertion = z.object({
  Assertion: z.object({
    $: z.object({ ID: z.string().min(1) }),
    Issuer: z.tuple([text]),
    Subject: z.tuple([z.object({ NameID: z.tuple([text]), SubjectConfirmation: z.array(confirmation).min(1) })]),
    AuthnStatement: z.array(z.unknown()).min(1),
    AttributeStatement: z.array(z.object({ Attribute: z.array(attribute) })).optional(),
  }),
});

type Attribute = z.infer<typeof attribute>;
type Confirmation = z.infer<typeof confirmation>;

/** What this login expects of its assertion. */
export interface Expected {
  readonly requestId: string;
  readonly recipient: string;
}

export interface AcceptedAssertion {
  readonly id: string;
  /** When it would be refused for its age. */
  readonly expiresAt: Date;
  readonly person: ProvenIdentity;
}

/**
 * The rules of the web browser profile (SAML 2.0 Profiles, section 4.1.4.3) that the library leaves to its user: the
 * issuer, and a bearer confirmation made for this address, this request and this moment.
 */
export function acceptAssertion(provider: SamlProvider, signed: unknown, expected: Expected): AcceptedAssertion {
  const parsed = signedAssertion.safeParse(signed);
  if (!parsed.success) {
    throw unprovenAnswer(provider.name, `its assertion lacks ${parsed.error.issues[0]!.path.slice(1).join('.')}`);
  }
  const assertion = parsed.data.Assertion;
  const [issuer] = assertion.Issuer;
  if (issuer._ !== provider.issuer) throw unprovenAnswer(provider.name, `it was issued by ${issuer._}`);
  const [subject] = assertion.Subject;
  const [nameId] = subject.NameID;
  if (nameId.$?.Format === TRANSIENT) {
    throw unprovenAnswer(provider.name, 'its NameID is transient: set the provider to send one that stays the same');
  }
  const attributes = (assertion.AttributeStatement ?? []).flatMap(({ Attribute }) => Attribute);
  const email = valueOf(attributes, provider.emailAttributes);
  return {
    id: assertion.$.ID,
    expiresAt: checkConfirmations(provider.name, subject.SubjectConfirmation, expected),
    person: {
      issuer: provider.issuer,
      subject: nameId._,
      email: email ?? (nameId.$?.Format === EMAIL_ADDRESS ? nameId._ : undefined),
      emailVerified: provider.trustedEmail,
      name: valueOf(attributes, provider.nameAttributes),
    },
  };
}

/** One good confirmation is enough; where there is none, the fault of the last is told. */
function checkConfirmations(provider: string, confirmations: readonly Confirmation[], expected: Expected): Date {
  let fault = '';
  for (const candidate of confirmations) {
    fault = faultOf(candidate, expected);
    if (fault === '') {
      return new Date(Date.parse(candidate.SubjectConfirmationData![0].$.NotOnOrAfter!) + CLOCK_SKEW);
    }
  }
  throw unprovenAnswer(provider, fault);
}

function faultOf({ $: { Method }, SubjectConfirmationData: data }: Confirmation, expected: Expected): string {
  if (Method !== BEARER || data === undefined) return 'its subject is not confirmed for the bearer';
  const { Recipient, InResponseTo, NotBefore, NotOnOrAfter } = data[0].$;
  if (Recipient !== expected.recipient)
    return `it is meant for ${Recipient ?? 'nobody'}, not for ${expected.recipient}`;
  if (InResponseTo !== expected.requestId) return 'it does not answer the request of this browser';
  // A time that is missing or cannot be read compares as false, and so is refused.
  if (!(Date.parse(NotOnOrAfter ?? '') + CLOCK_SKEW > Date.now())) return 'it has expired';
  if (NotBefore !== undefined && !(Date.parse(NotBefore) - CLOCK_SKEW <= Date.now())) return 'it is not valid yet';
  return '';
}

/** The first text of the first attribute that is there, by its name or its friendly name. */
function valueOf(attributes: readonly Attribute[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = attributes.find(({ $: { Name, FriendlyName } }) => Name === name || FriendlyName === name);
    const value = text.safeParse(found?.AttributeValue?.[0]);
    if (value.success) return value.data._;
  }
  return undefined;
}
