import { generateKeyPairSync } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stepsOf } from '../support/guide.js';
import { createRestClient, expectFailure, logIn, type RestClient } from '../support/rest.js';
import {
  type Addressed,
  assertion,
  base64,
  response,
  sign,
  type Signing,
  SIGNATURE,
  type Wishes,
} from '../support/saml-forgery.js';
import { SAML_ISSUER, startSamlProvider } from '../support/saml-provider.js';
import { wrap, WRAPPINGS } from '../support/saml-wrapping.js';
import { startStudio, type TestStudio } from '../support/studio.js';
import { type Page, Visitor } from '../support/visitor.js';

const URL_OF_STUDIO = 'https://studio.example';
const addressOf = (id: string) => `${URL_OF_STUDIO}/auth/saml/${id}`;
const MINUTE = 60_000;

let provider: Awaited<ReturnType<typeof startSamlProvider>>;
let studio: TestStudio;
let call: RestClient;
let signing: Signing;
const thief: Signing = {
  key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string,
};

beforeAll(async () => {
  provider = await startSamlProvider();
  signing = { key: provider.key };
  const common = { issuer: SAML_ISSUER, entry_point: `${provider.url}/sso`, certificates: [provider.certificate] };
  const bare = provider.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  studio = await startStudio({
    env: {
      PUBLIC_URL: URL_OF_STUDIO,
      SAML_PROVIDERS: JSON.stringify({
        corp: { ...common, name: 'Corp', trusted_email: true },
        other: { ...common, certificates: [bare] },
        paged: { ...common, redirect_page: 'https://app.example/welcome', trusted_email: true },
      }),
    },
  });
  call = createRestClient(studio);
  await provider.introduce((await call('GET', '/auth/saml/corp/metadata')).text);
}, 5 * MINUTE);
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  await studio?.close();
  await provider?.close();
});

const me = async (token: string) => (await call('GET', '/auth/me', { token })).body;
const refusal = ({ status, body }: Page) => [status, body.type];

interface Login {
  readonly visitor: Visitor;
  readonly to: Addressed;
}

/** A login up to the provider's page, and what an answer to it has to name. */
async function begin(id = 'corp', visitor = new Visitor(call, URL_OF_STUDIO)): Promise<Login> {
  const { url } = await visitor.visit(`/auth/saml/${id}/login`, { until: /\/sso\?/ });
  const request = inflateRawSync(Buffer.from(new URL(url).searchParams.get('SAMLRequest')!, 'base64')).toString();
  const [, requestId] = / ID="([^"]+)"/.exec(request)!;
  const address = addressOf(id);
  return {
    visitor,
    to: { requestId: requestId!, callbackUrl: `${address}/callback`, entityId: `${address}/metadata` },
  };
}

/** As the provider's page has the browser do it. */
function post({ visitor, to }: Login, xml: string, until?: RegExp): Promise<Page> {
  const form = { SAMLResponse: base64(xml), RelayState: '' };
  return visitor.visit(to.callbackUrl, { method: 'POST', form, from: provider.url, ...(until && { until }) });
}

const signedResponse = (to: Addressed, wishes: Wishes = {}, by: Signing = signing) =>
  response(to, sign(assertion(to, wishes), by));

describe('a login by SAML', () => {
  it('leads over the provider’s form to tokens', async () => {
    const visitor = new Visitor(call, URL_OF_STUDIO);
    const form = await visitor.visit('/auth/saml/corp/login');
    const answer = await visitor.submit(form, { user: 'maria' });
    const page = await visitor.submit(answer);
    expect([page.status, page.body]).toMatchObject([200, { token_type: 'bearer', expires_in: 1800 }]);
    expect(page.headers['cache-control']).toBe('no-store');
    const account = await me(page.body.access_token);
    expect(account).toMatchObject({ email: 'maria@corp.example', name: 'Maria' });
    const search = `/audit-logs?action=${encodeURIComponent('POST /auth/saml/corp/callback')}`;
    const told = (await call('GET', search, { token: page.body.access_token })).body;
    expect(told.map((entry: any) => entry.user_id)).toEqual([account.id]);
  });

  it('takes the steps that the guide lists', async () => {
    const login = await begin();
    const refused = await post(login, response(login.to, assertion(login.to)));
    const { body } = await post(login, signedResponse(login.to, { nameId: 'wim', email: 'wim@corp.example' }));
    const account = await me(body.access_token);
    const taken = {
      'Validate SAML response': refused.status === 401,
      'Extract user information': account.email === 'wim@corp.example',
      'Create/update user account': typeof account.id === 'string',
      'Generate JWT token': decodeJwt(body.access_token).sub === account.id,
    };
    expect(stepsOf('def saml_login(saml_response):', 'OAuth 2.0')).toEqual(Object.keys(taken));
    expect(Object.values(taken)).toEqual([true, true, true, true]);
  });

  it('describes this studio to the provider', async () => {
    const { headers, text } = await call('GET', '/auth/saml/corp/metadata');
    expect(headers['content-type']).toMatch(/^application\/samlmetadata\+xml/);
    expect(text).toContain(`entityID="${addressOf('corp')}/metadata"`);
    expect(text).toContain('WantAssertionsSigned="true"');
    expect(text).toContain(`Location="${addressOf('corp')}/callback"`);
  });

  it('ties itself to the browser by a cookie that the provider’s form may bring', async () => {
    const { headers } = await call('GET', '/auth/saml/corp/login');
    const [, ...attributes] = headers['set-cookie']!.split('; ');
    expect(attributes).toEqual(['Path=/auth/saml/corp/callback', 'Max-Age=600', 'HttpOnly', 'SameSite=None', 'Secure']);
  });

  it('sends a configured page the tokens in its fragment', async () => {
    const login = await begin('paged');
    const page = await post(login, signedResponse(login.to), /^https:\/\/app\.example/);
    expect(new URLSearchParams(new URL(page.url).hash.slice(1)).get('token_type')).toBe('bearer');
  });

  it('is listed among the ways to log in', async () => {
    expect((await call('GET', '/auth/providers')).body[0]).toEqual({
      id: 'corp',
      name: 'Corp',
      protocol: 'saml',
      login_url: '/auth/saml/corp/login',
    });
    for (const page of ['metadata', 'login']) {
      expectFailure(await call('GET', `/auth/saml/unknown/${page}`), 404, 'resource_not_found');
    }
  });
});

describe('an account', () => {
  it('is entered by a provider whose addresses are trusted', async () => {
    const { id } = await me(await logIn(call, 'olga@corp.example'));
    const login = await begin();
    const page = await post(login, signedResponse(login.to, { nameId: 'olga', email: 'olga@corp.example' }));
    expect(await me(page.body.access_token)).toMatchObject({ id });
  });

  it('stays shut to a provider whose addresses are not', async () => {
    await logIn(call, 'pia@corp.example');
    const login = await begin('other');
    const page = await post(login, signedResponse(login.to, { nameId: 'pia', email: 'pia@corp.example' }));
    expect(refusal(page)).toEqual([409, 'conflict']);
    const again = await begin('other');
    const made = await post(again, signedResponse(again.to, { nameId: 'quinn', email: 'quinn@corp.example' }));
    expect(made.status).toBe(200);
  });

  it('takes the address from a NameID that is one', async () => {
    const login = await begin();
    const nameIdFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    const xml = assertion(login.to, { nameId: 'rosa@corp.example', nameIdFormat });
    const page = await post(login, response(login.to, sign(xml.replace('"mail"', '"shoe size"'), signing)));
    expect(await me(page.body.access_token)).toMatchObject({ email: 'rosa@corp.example' });
  });
});

describe('an assertion', () => {
  it('that is in order is accepted', async () => {
    const login = await begin();
    const page = await post(login, signedResponse(login.to));
    expect(await me(page.body.access_token)).toMatchObject({ email: 'ann@corp.example' });
  });

  it('counts once, even in the browser that asked for it', async () => {
    const login = await begin();
    const { cookies } = login.visitor;
    const xml = signedResponse(login.to);
    expect((await post(login, xml)).status).toBe(200);
    login.visitor.cookies = cookies;
    const again = await post(login, xml);
    expect(refusal(again)).toEqual([400, 'bad_request']);
    expect(again.body.detail).toMatch(/was used already/);
  });

  it('counts in the browser that asked for it alone', async () => {
    const login = await begin();
    const xml = signedResponse(login.to);
    const without = { ...login, visitor: new Visitor(call, URL_OF_STUDIO) };
    expect(refusal(await post(without, xml))).toEqual([400, 'bad_request']);
    const other = await begin();
    const crossed = await post(other, xml);
    expect(refusal(crossed)).toEqual([401, 'authentication_error']);
    expect(crossed.body.detail).toContain('does not answer the request of this browser');
  });

  it('comes within ten minutes', async () => {
    const login = await begin();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE + 1000 });
    expect(refusal(await post(login, signedResponse(login.to)))).toEqual([400, 'bad_request']);
  });

  it('may be in a response that is signed too', async () => {
    const login = await begin();
    expect((await post(login, sign(signedResponse(login.to), signing))).status).toBe(200);
    const again = await begin();
    const twice = sign(signedResponse(again.to), thief);
    expect((await post(again, twice)).status, 'what is believed is the assertion').toBe(200);
  });

  it('may be late or early by less than a minute', async () => {
    for (const wishes of [{ notOnOrAfter: -40_000 }, { notBefore: 40_000 }]) {
      const login = await begin();
      expect((await post(login, signedResponse(login.to, wishes))).status).toBe(200);
    }
  });

  it.each<[string, Wishes, RegExp]>([
    ['another audience', { audience: 'https://elsewhere.example' }, /audience mismatch/],
    ['no audience', { audience: null }, /no AudienceRestriction/],
    ['another recipient', { recipient: `${addressOf('other')}/callback` }, /meant for https:/],
    ['no recipient', { recipient: null }, /meant for nobody/],
    ['another request', { inResponseTo: '_another' }, /does not answer the request/],
    ['no request: the provider began', { inResponseTo: null }, /does not answer the request/],
    ['an end in the past', { notOnOrAfter: -2 * MINUTE }, /No valid subject confirmation|expired/],
    ['a confirmation that has ended', { confirmedUntil: -2 * MINUTE }, /expired/],
    ['a beginning in the future', { notBefore: 2 * MINUTE, notOnOrAfter: 9 * MINUTE }, /not yet valid/],
    ['another issuer', { issuer: 'https://elsewhere.example' }, /was issued by/],
    ['another way of confirming', { method: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' }, /not confirmed/],
    ['a name for one visit', { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }, /transient/],
  ])('is refused with %s', async (_what, wishes, reason) => {
    const login = await begin();
    const page = await post(login, signedResponse(login.to, wishes));
    expect(refusal(page)).toEqual([401, 'authentication_error']);
    expect(page.body.detail).toMatch(/^The answer of Corp is not accepted: /);
    expect(page.body.detail).toMatch(reason);
  });

  it('needs a signature of its own by the provider’s key', async () => {
    const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
    const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
    const HMAC = 'http://www.w3.org/2000/09/xmldsig#hmac-sha1';
    const forgeries: Record<string, (to: Addressed) => string> = {
      'no signature': (to) => response(to, assertion(to)),
      'a signature of the response alone': (to) => sign(response(to, assertion(to)), signing),
      'another key': (to) => signedResponse(to, {}, thief),
      'another key, with the provider’s certificate beside it': (to) =>
        signedResponse(to, {}, { ...thief, certificate: provider.certificate }),
      'SHA-1': (to) => signedResponse(to, {}, { ...signing, algorithm: RSA_SHA1 }),
      'SHA-1 as the digest': (to) => signedResponse(to, {}, { ...signing, digest: SHA1 }),
      'the certificate as a shared secret': (to) =>
        signedResponse(to, {}, { key: provider.certificate, algorithm: HMAC }),
      'a name changed after signing': (to) => signedResponse(to).replace('>id-of-ann<', '>id-of-admin<'),
      'an empty signature': (to) => signedResponse(to).replace(/(<SignatureValue>)[^<]*/, '$1'),
      'a reference to nothing': (to) => signedResponse(to).replace(/URI="#[^"]*"/, 'URI=""'),
      'no reference': (to) => signedResponse(to).replace(/<Reference [\s\S]*?<\/Reference>/, ''),
      'the signature of another assertion': (to) => {
        const [signature] = SIGNATURE.exec(signedResponse(to))!;
        return response(to, sign(assertion(to), thief).replace(SIGNATURE, signature));
      },
    };
    for (const [what, forge] of Object.entries(forgeries)) {
      const login = await begin();
      expect([what, ...refusal(await post(login, forge(login.to)))]).toEqual([what, 401, 'authentication_error']);
    }
  });

  it('is read whole: a comment in a name cuts nothing off', async () => {
    const login = await begin();
    const xml = signedResponse(login.to, { nameId: 'admin@corp.example.thief.example' });
    const split = xml.replace('admin@corp.example.thief', 'admin@corp.example<!---->.thief');
    const page = await post(login, split);
    expect(refusal(page)).toEqual([401, 'authentication_error']);
    expect(page.body.detail).toContain('a comment');
  });
});

describe('a signed assertion', () => {
  const cases = Object.entries(WRAPPINGS).flatMap(([name, wrapping]) =>
    [false, true].map((sameId) => [name, sameId ? 'the same id' : 'an id of its own', wrapping, sameId] as const),
  );

  it.each(cases)('lends nobody else its signature: %s, under %s', async (name, _id, wrapping, sameId) => {
    const login = await begin();
    const page = await post(login, wrap(wrapping, login.to, signing, thief, sameId));
    if (name.startsWith('XSW 7') && !sameId) {
      // The signed one is where it belongs: its own person comes in, and what stands beside it is not looked at.
      expect(await me(page.body.access_token)).toMatchObject({ email: 'ann@corp.example' });
    } else {
      expect(refusal(page)).toEqual([401, 'authentication_error']);
    }
  });
});

describe('a response', () => {
  it.each<[string, (xml: string) => string]>([
    ['a document type', (xml) => `<!DOCTYPE foo>${xml}`],
    ['an entity of a file (XXE)', (xml) => `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml}`],
    ['entities of entities', (xml) => `<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${xml}`],
    ['CDATA', (xml) => xml.replace('id-of-ann', '<![CDATA[id-of-ann]]>')],
    ['a processing instruction', (xml) => xml.replace('<samlp:Status>', '<?php x ?><samlp:Status>')],
    ['an encrypted assertion', (xml) => xml.replace(/<saml:Assertion[\s\S]*Assertion>/, '<saml:EncryptedAssertion/>')],
    [
      'an XSLT among its transforms',
      (xml) => xml.replace(/(<Transform Algorithm=")[^"]*/, '$1http://www.w3.org/TR/1999/REC-xslt-19991116'),
    ],
    ['no end', (xml) => xml.slice(0, -20)],
    ['no assertion', (xml) => xml.replace(/<saml:Assertion[\s\S]*Assertion>/, '')],
    ['half a megabyte', (xml) => xml.replace('</samlp:Response>', `${' '.repeat(300_000)}$&`)],
    ['another root', (xml) => `<a>${xml}</a>`],
    ['no XML', () => 'nothing'],
    ['nothing', () => ''],
  ])('is refused with %s', async (_what, spoil) => {
    const login = await begin();
    expect(refusal(await post(login, spoil(signedResponse(login.to))))).toEqual([401, 'authentication_error']);
  });

  it('may begin with an XML declaration', async () => {
    const login = await begin();
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n${signedResponse(login.to)}\n`;
    expect((await post(login, xml)).status).toBe(200);
  });

  it('that says no is told as it is', async () => {
    const login = await begin();
    const status = 'urn:oasis:names:tc:SAML:2.0:status:';
    const xml = response(login.to, '').replace(
      /<samlp:Status>.*<\/samlp:Status>/,
      `<samlp:Status><samlp:StatusCode Value="${status}Responder"><samlp:StatusCode Value="${status}AuthnFailed"/></samlp:StatusCode></samlp:Status>`,
    );
    const page = await post(login, xml);
    expect(refusal(page)).toEqual([401, 'authentication_error']);
    expect(page.body.detail).toMatch(/^Corp refused the login: .*AuthnFailed/);
  });

  it('is a form with one answer', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const send = (raw: string) => call('POST', '/auth/saml/corp/callback', { raw, headers });
    for (const [raw, code] of [
      ['', 'required'],
      ['SAMLResponse=a&SAMLResponse=b', 'invalid_type'],
      ['SAMLResponse=a&other=b', 'unknown_field'],
    ] as const) {
      const answer = await send(raw);
      expectFailure(answer, 422, 'validation_error');
      expect(answer.body.errors[0].code).toBe(code);
    }
    expectFailure(await send(`SAMLResponse=${'a'.repeat(2 ** 20)}`), 413, 'payload_too_large');
  });
});
