import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';

interface LoginProvider {
  /** What its addresses call it. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Whether somebody who has no account gets one. */
  readonly allowRegistration: boolean;
  /** The page that gets the tokens, in its fragment; undefined where the callback answers with them. */
  readonly redirectPage: string | undefined;
}

export interface OidcProvider extends LoginProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
}

export interface SamlProvider extends LoginProvider {
  /** The provider's entity id. */
  readonly issuer: string;
  /** Where it takes requests by HTTP-Redirect. */
  readonly entryPoint: string;
  /** PEM; more than one while the provider changes its key. */
  readonly certificates: readonly string[];
  /** Ours; undefined for the address of our metadata. */
  readonly entityId: string | undefined;
  /** Attributes that hold the e-mail address and the name, the likeliest first. */
  readonly emailAttributes: readonly string[];
  readonly nameAttributes: readonly string[];
  /** Whether the provider has made sure that its addresses are its users' own. */
  readonly trustedEmail: boolean;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** In the order of preference: by LDAP's object identifiers, as ADFS and Entra say it, and in plain words. */
const EMAIL_ATTRIBUTES = [
  'urn:oid:0.9.2342.19200300.100.1.3',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'email',
  'mail',
];
const NAME_ATTRIBUTES = [
  'urn:oid:2.16.840.1.113730.3.1.241',
  'http://schemas.microsoft.com/identity/claims/displayname',
  'displayName',
  'name',
];

const address = z.url({ protocol: /^https?$/ });
const common = {
  name: z.string().min(1).max(100).optional(),
  allow_registration: z.boolean().default(true),
  redirect_page: address.optional(),
};

const oidcProvider = z.strictObject({
  ...common,
  issuer: address.refine(isPrivate, 'must begin with https:// (http:// for this machine alone)'),
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  scopes: z
    .array(z.string().min(1))
    .default(['openid', 'email', 'profile'])
    .refine((scopes) => scopes.includes('openid'), 'must contain "openid"'),
});

const samlProvider = z.strictObject({
  ...common,
  issuer: z.string().min(1),
  entry_point: address,
  certificates: z.array(z.string().transform(toPem)).min(1),
  entity_id: z.string().min(1).optional(),
  email_attribute: z.string().min(1).optional(),
  name_attribute: z.string().min(1).optional(),
  trusted_email: z.boolean().default(false),
});

/** The value of OAUTH_PROVIDERS: providers by their ids, as JSON or in a file of JSON. */
export const oidcProviders = providersOf(oidcProvider, (id, given): OidcProvider => ({
  ...shared(id, given),
  issuer: given.issuer,
  clientId: given.client_id,
  clientSecret: given.client_secret,
  scopes: given.scopes,
}));

/** The value of SAML_PROVIDERS, in the same form. */
export const samlProviders = providersOf(samlProvider, (id, given): SamlProvider => ({
  ...shared(id, given),
  issuer: given.issuer,
  entryPoint: given.entry_point,
  certificates: given.certificates,
  entityId: given.entity_id,
  emailAttributes: given.email_attribute === undefined ? EMAIL_ATTRIBUTES : [given.email_attribute],
  nameAttributes: given.name_attribute === undefined ? NAME_ATTRIBUTES : [given.name_attribute],
  trustedEmail: given.trusted_email,
}));

type Common = z.infer<z.ZodObject<typeof common>>;

function shared(id: string, { name, allow_registration: allowRegistration, redirect_page: redirectPage }: Common) {
  return { id, name: name ?? id, allowRegistration, redirectPage };
}

function providersOf<Given, Provider>(schema: z.ZodType<Given>, build: (id: string, given: Given) => Provider) {
  const id = z.string().regex(ID, 'an id has small letters, digits and hyphens');
  return z
    .string()
    .transform(readJson)
    .pipe(z.record(id, schema))
    .transform((given): readonly Provider[] => Object.entries(given).map(([key, value]) => build(key, value as Given)));
}

/** JSON as it is, or the JSON in a file. */
function readJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith('{') ? text : readFileSync(text, 'utf8'));
  } catch (error) {
    // The words of a parser quote what it read, and there are secrets in it.
    const reason = error instanceof SyntaxError ? 'this is no valid JSON' : (error as Error).message;
    const message = `must be a JSON object, or the path of a file that holds one (${reason})`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
}

/** A certificate as PEM, or as the bare base64 that metadata shows. */
function toPem(text: string, context: z.RefinementCtx): string {
  const pem = text.includes('-----BEGIN')
    ? text
    : `-----BEGIN CERTIFICATE-----\n${text.replaceAll(/\s/g, '').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  try {
    return new X509Certificate(pem).toString();
  } catch {
    context.addIssue({ code: 'custom', message: 'must be a certificate: PEM, or the base64 of its DER form' });
    return z.NEVER;
  }
}

/** Whether nobody on the way can read or change what is sent there. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || LOOPBACK.has(hostname);
}
