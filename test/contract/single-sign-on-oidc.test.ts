import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeJwt } from 'jose';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { pairKey } from '../../src/core/auth/login/brakes.js';
import { KnownAddress } from '../../src/core/auth/login/known-address.entity.js';
import { type Forgery, startForgedProvider } from '../support/forged-oidc-provider.js';
import { stepsOf } from '../support/guide.js';
import { logInAtProvider, startOidcProvider } from '../support/oidc-provider.js';
import { createRestClient, expectFailure, logIn, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';
import { type Page, Visitor } from '../support/visitor.js';

const URL_OF_STUDIO = 'https://studio.example';
const callbackOf = (provider: string) => `${URL_OF_STUDIO}/auth/oauth/${provider}/callback`;
const beginning = (provider: string) => `/auth/oauth/${provider}/authorize`;
const CALLBACK = /\/callback\?/;

let provider: Awaited<ReturnType<typeof startOidcProvider>>;
let forged: Awaited<ReturnType<typeof startForgedProvider>>;
let studio: TestStudio;
let call: RestClient;
let silentPort: number;

beforeAll(async () => {
  provider = await startOidcProvider(['main', 'closed', 'paged'].map(callbackOf));
  forged = await startForgedProvider();
  silentPort = await freePort();
  const common = { issuer: provider.issuer, client_id: 'studio', client_secret: 'the secret of the client' };
  const ofForged = { issuer: forged.issuer, client_id: 'studio', client_secret: forged.clientSecret };
  studio = await startStudio({
    env: {
      PUBLIC_URL: `${URL_OF_STUDIO}/`,
      OAUTH_PROVIDERS: JSON.stringify({
        main: { ...common, name: 'Main' },
        closed: { ...common, allow_registration: false },
        paged: { ...common, redirect_page: 'https://app.example/welcome' },
        forged: ofForged,
        'forged-too': ofForged,
        silent: { ...common, issuer: `http://127.0.0.1:${silentPort}` },
        false: { ...common, issuer: `${provider.issuer}/elsewhere` },
      }),
    },
  });
  call = createRestClient(studio);
});
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  await studio?.close();
  await provider?.close();
  await forged?.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const newVisitor = () => new Visitor(call, URL_OF_STUDIO);
const me = async (token: string) => (await call('GET', '/auth/me', { token })).body;

function logInAs(subject: string, id = 'main', visitor = newVisitor()): Promise<Page> {
  return logInAtProvider(visitor, beginning(id), subject);
}

/** A login up to the address at which the provider's answer arrives. */
async function answerFor(subject: string, visitor: Visitor, id = 'main'): Promise<URL> {
  return new URL((await logInAtProvider(visitor, beginning(id), subject, CALLBACK)).url);
}

const refusal = (page: { status: number; body: any }) => [page.status, page.body.type];

const forge = (forgery: Forgery, status = 200): Promise<Page> => {
  Object.assign(forged, { forgery, status });
  return newVisitor().visit(beginning('forged'));
};

describe('a login by OpenID Connect', () => {
  it('leads over the provider’s forms to tokens', async () => {
    provider.people['ann'] = { email: 'Ann@Example.com', email_verified: true, name: 'Ann' };
    const page = await logInAs('ann');
    expect([page.status, page.body]).toMatchObject([200, { token_type: 'bearer', expires_in: 1800 }]);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(await me(page.body.access_token)).toMatchObject({ email: 'ann@example.com', name: 'Ann', role: 'user' });
    expect(provider.exchanges.at(-1)).toBe('authorization_code');
  });

  it('takes the steps that the guide lists', async () => {
    provider.people['vera'] = { email: 'vera@example.com', email_verified: true };
    const before = provider.asked.length;
    const { body } = await logInAs('vera');
    const asked = provider.asked.slice(before);
    const account = await me(body.access_token);
    const taken = {
      'Exchange code for tokens': asked.includes('/token'),
      'Get user info from provider': asked.includes('/me'),
      'Create/update user account': account.email === 'vera@example.com',
      'Generate JWT token': decodeJwt(body.access_token).sub === account.id,
    };
    expect(stepsOf('def oauth_callback(code, state):', 'Audit Logging')).toEqual(Object.keys(taken));
    expect(Object.values(taken)).toEqual([true, true, true, true]);
  });

  it('is recorded as its account’s, and makes its address known to the brake on failed logins', async () => {
    const email = 'rita@example.com';
    provider.people['rita'] = { email, email_verified: true };
    const known = () => {
      const addresses = studio.container.resolve(DATA_SOURCE).getRepository(KnownAddress);
      return addresses.existsBy({ key: pairKey({ email, address: '127.0.0.1' }) });
    };
    expect(await known()).toBe(false);
    const { body } = await logInAs('rita');
    expect(await known()).toBe(true);
    const { id } = await me(body.access_token);
    const search = `/audit-logs?action=${encodeURIComponent('GET /auth/oauth/main/callback')}`;
    const told = (await call('GET', search, { token: body.access_token })).body;
    expect(told.map((entry: any) => [entry.user_id, entry.details.status_code])).toEqual([[id, 200]]);
  });

  it('asks with PKCE, a state and a nonce, each new', async () => {
    const asked = await Promise.all([1, 2].map(() => newVisitor().visit(beginning('main'), { until: /\/auth\?/ })));
    const [first, second] = asked.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
    expect(first).toMatchObject({
      client_id: 'studio',
      response_type: 'code',
      redirect_uri: callbackOf('main'),
      scope: 'openid email profile',
      code_challenge_method: 'S256',
    });
    for (const key of ['state', 'nonce', 'code_challenge']) {
      expect(first![key]).toMatch(/^[\w-]{43}$/);
      expect(first![key]).not.toBe(second![key]);
    }
  });

  it('ties itself to the browser by a cookie that only the callback gets, and takes it away', async () => {
    const { headers } = await call('GET', beginning('main'));
    const [pair, ...attributes] = headers['set-cookie']!.split('; ');
    expect(attributes).toEqual(['Path=/auth/oauth/main/callback', 'Max-Age=600', 'HttpOnly', 'SameSite=Lax', 'Secure']);
    const state = new URL(headers['location']!).searchParams.get('state')!;
    expect(Buffer.from(pair!.split('.').at(-2)!, 'base64url').toString('latin1')).not.toContain(state);
    const visitor = newVisitor();
    await logInAs('ann', 'main', visitor);
    expect(visitor.cookies.filter(({ origin }) => origin === URL_OF_STUDIO)).toEqual([]);
  });

  it('gives the sessions of any login: refreshed, and ended', async () => {
    const { body } = await logInAs('ann');
    const renewed = await call('POST', '/auth/refresh', { token: body.refresh_token });
    expect(renewed.status).toBe(200);
    expectFailure(await call('POST', '/auth/refresh', { token: body.refresh_token }), 401, 'authentication_error');
    expectFailure(await call('GET', '/auth/me', { token: renewed.body.access_token }), 401, 'authentication_error');
  });

  it('sends a configured page the tokens in its fragment', async () => {
    const visitor = newVisitor();
    const page = await logInAtProvider(visitor, beginning('paged'), 'ann', /^https:\/\/app\.example/);
    const { origin, pathname, search, hash } = new URL(page.url);
    expect([origin + pathname, search]).toEqual(['https://app.example/welcome', '']);
    const tokens = new URLSearchParams(hash.slice(1));
    expect(Object.fromEntries(tokens)).toMatchObject({ token_type: 'bearer', expires_in: '1800' });
    expect(await me(tokens.get('access_token')!)).toMatchObject({ email: 'ann@example.com' });
  });

  it('goes by the address of the request where none is configured', async () => {
    const own = await startStudio({
      env: {
        TRUST_PROXY: 'true',
        OAUTH_PROVIDERS: JSON.stringify({ main: { issuer: provider.issuer, client_id: 'studio' } }),
      },
    });
    try {
      const redirectUri = async (url: string, headers: Record<string, string>) => {
        const answer = await own.app.inject({ url, headers });
        return new URL(String(answer.headers['location'])).searchParams.get('redirect_uri');
      };
      const path = '/auth/oauth/main/callback';
      expect(await redirectUri(beginning('main'), { host: 'studio:8000' })).toBe(`http://studio:8000${path}`);
      expect(await redirectUri(`/api${beginning('main')}`, { host: '[::1]:80' })).toBe(`http://[::1]:80/api${path}`);
      const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'data.example' };
      expect(await redirectUri(beginning('main'), proxied)).toBe(`https://data.example${path}`);
      const odd = await own.app.inject({ url: beginning('main'), headers: { host: 'a.example/@b' } });
      expect([odd.statusCode, odd.json().type]).toEqual([400, 'bad_request']);
    } finally {
      await own.close();
    }
  });
});

describe('the list of providers', () => {
  it('is there for a login page, by REST and GraphQL', async () => {
    const rest = await call('GET', '/auth/providers');
    expect(rest.body[0]).toEqual({ id: 'main', name: 'Main', protocol: 'oidc', login_url: beginning('main') });
    expect(rest.body[1].name).toBe('closed');
    expect(rest.text).not.toContain('secret');
    const query = '{ loginProviders { id name protocol loginUrl } }';
    const graphql = await studio.app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    const [first] = graphql.json().data.loginProviders;
    expect(first).toEqual({ id: 'main', name: 'Main', protocol: 'OIDC', loginUrl: beginning('main') });
  });

  it('is all that there is', async () => {
    expectFailure(await call('GET', beginning('unknown')), 404, 'resource_not_found');
    expectFailure(await call('GET', '/auth/oauth/unknown/callback?state=x'), 404, 'resource_not_found');
  });
});

describe('an account', () => {
  it('is the same at each login, whatever becomes of the person’s address', async () => {
    provider.people['bob'] = { email: 'bob@example.com', email_verified: true };
    const first = await me((await logInAs('bob')).body.access_token);
    provider.people['bob'] = { email: 'ann@example.com', email_verified: true };
    expect(await me((await logInAs('bob')).body.access_token)).toEqual(first);
  });

  it('has no password: none lets anybody in', async () => {
    provider.people['nopass'] = { email: 'nopass@example.com', email_verified: true };
    const token = (await logInAs('nopass')).body.access_token as string;
    for (const password of ['', ' ', 'password']) {
      const answer = await call('POST', '/auth/login', { json: { email: 'nopass@example.com', password } });
      expectFailure(answer, 401, 'authentication_error');
    }
    const json = { current_password: '', new_password: 'new-password' };
    expectFailure(await call('POST', '/auth/change-password', { token, json }), 401, 'authentication_error');
  });

  it('that exists is entered by its verified address, and by nothing that was there before', async () => {
    const email = 'carl@example.com';
    const old = await logIn(call, email);
    const { id } = await me(old);
    const key = await call('POST', '/auth/api-keys', { token: old, json: { name: 'old', scopes: ['read'] } });
    const webhook = { url: 'https://1.1.1.1/hook', events: ['dataset.created'] };
    const hook = await call('POST', '/webhooks/register', { token: old, json: webhook });
    expect([key.status, hook.status]).toEqual([201, 201]);
    provider.people['carl'] = { email, email_verified: true };
    const { body } = await logInAs('carl');
    expect(await me(body.access_token)).toMatchObject({ id, email });
    // Nobody had shown that the address was theirs: it may have been a trap for its owner.
    expectFailure(await call('GET', '/auth/me', { token: old }), 401, 'authentication_error');
    const left = await call('GET', `/webhooks/${hook.body.id}`, { token: body.access_token });
    expect(left.body).toMatchObject({ enabled: false, disabled_reason: expect.stringContaining('owner') });
    expectFailure(await call('GET', '/datasets/', { token: key.body.key }), 401, 'authentication_error');
    const login = await call('POST', '/auth/login', { json: { email, password: 'secure-password' } });
    expectFailure(login, 401, 'authentication_error');
  });

  it('that exists stays shut where the provider does not vouch for the address', async () => {
    const email = 'dora@example.com';
    const token = await logIn(call, email);
    for (const verified of [false, undefined]) {
      provider.people['dora'] = { email, ...(verified !== undefined && { email_verified: verified }) };
      const page = await logInAs('dora');
      expect([page.status, page.body.type]).toEqual([409, 'conflict']);
      expect(page.body.detail).toContain('Main does not vouch for the address');
    }
    expect((await call('GET', '/auth/me', { token })).status).toBe(200);
  });

  it('that a stranger made by an unverified address falls to its owner alone', async () => {
    const email = 'eve@example.com';
    provider.people['stranger'] = { email, email_verified: false };
    const stranger = (await logInAs('stranger')).body.access_token as string;
    provider.people['eve'] = { email, email_verified: true };
    const owner = await me((await logInAs('eve')).body.access_token);
    expect(owner.email).toBe(email);
    expectFailure(await call('GET', '/auth/me', { token: stranger }), 401, 'authentication_error');
    expect((await logInAs('stranger')).status).toBe(409);
  });

  it('is shared by providers that both vouch for its address, be it later', async () => {
    const email = 'hana@example.com';
    provider.people['hana'] = { email, email_verified: false };
    await logInAs('hana');
    provider.people['hana'] = { email, email_verified: true };
    const token = (await logInAs('hana')).body.access_token as string;
    const page = await forge((claims, { signed }) => signed({ ...claims, sub: 'hana', email }));
    expect(await me(page.body.access_token)).toEqual(await me(token));
    expect((await logInAs('hana')).status).toBe(200);
  });

  it('of the administrator of the configuration keeps its password', async () => {
    const admin = { ADMIN_EMAIL: 'admin@forged.example', ADMIN_PASSWORD: 'of the operator' };
    const env = {
      ...admin,
      PUBLIC_URL: URL_OF_STUDIO,
      OAUTH_PROVIDERS: JSON.stringify({
        forged: { issuer: forged.issuer, client_id: 'studio', client_secret: forged.clientSecret },
      }),
    };
    const own = await startStudio({ env });
    forged.forgery = (claims, { signed }) => signed({ ...claims, email: admin.ADMIN_EMAIL });
    try {
      const ownCall = createRestClient(own);
      const page = await new Visitor(ownCall, URL_OF_STUDIO).visit(beginning('forged'));
      expect(page.status).toBe(200);
      const json = { email: admin.ADMIN_EMAIL, password: admin.ADMIN_PASSWORD };
      expect((await ownCall('POST', '/auth/login', { json })).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  it('is not made where the configuration says so, nor without an address', async () => {
    provider.people['fay'] = { email: 'fay@example.com', email_verified: true };
    const closed = await logInAs('fay', 'closed');
    expect([closed.status, closed.body.type]).toEqual([403, 'permission_denied']);
    expect(closed.body.detail).toBe('fay@example.com has no account here, and closed makes none');
    for (const person of [{}, { email: 'no address', email_verified: true }]) {
      provider.people['gus'] = person;
      const page = await logInAs('gus');
      expect([page.status, page.body.detail]).toEqual([403, expect.stringContaining('gave no e-mail address')]);
    }
  });

  it('is made once when its person comes twice at the same time', async () => {
    provider.people['twin'] = { email: 'twin@example.com', email_verified: true };
    const pages = await Promise.all([logInAs('twin'), logInAs('twin'), logInAs('twin')]);
    const ids = await Promise.all(pages.map(async ({ body }) => (await me(body.access_token)).id));
    expect(new Set(ids).size).toBe(1);
  });
});

describe('an answer of the provider', () => {
  it('is good for one use', async () => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    const cookies = visitor.cookies;
    expect((await visitor.visit(answer.href)).status).toBe(200);
    visitor.cookies = cookies;
    const again = await visitor.visit(answer.href);
    expect(refusal(again)).toEqual([400, 'bad_request']);
    expect(again.body.detail).toMatch(/was used already/);
  });

  it('is good in the browser that asked for it alone', async () => {
    const answer = await answerFor('ann', newVisitor());
    const without = await newVisitor().visit(answer.href);
    expect(refusal(without)).toEqual([400, 'bad_request']);
    const other = newVisitor();
    await answerFor('ann', other);
    const crossed = await other.visit(answer.href);
    expect(refusal(crossed)).toEqual([400, 'bad_request']);
    expect(crossed.body.detail).toMatch(/state/);
  });

  it.each(['', 'x', 'of another login'])('needs the state of its login: %s', async (state) => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    answer.searchParams.set('state', state);
    expect(refusal(await visitor.visit(answer.href))).toEqual([400, 'bad_request']);
    answer.searchParams.delete('state');
    expect(refusal(await visitor.visit(answer.href))).toEqual([422, 'validation_error']);
  });

  it('comes within ten minutes', async () => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 + 1000 });
    const late = await visitor.visit(answer.href);
    expect(refusal(late)).toEqual([400, 'bad_request']);
    expect(late.body.detail).toMatch(/more than 10 minutes ago/);
  });

  it('is not taken for another provider’s, even with the cookie moved', async () => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor, 'forged');
    visitor.cookies = visitor.cookies.map((cookie) => ({ ...cookie, path: '/' }));
    const moved = answer.href.replace('/forged/', '/forged-too/');
    expect(refusal(await visitor.visit(moved))).toEqual([400, 'bad_request']);
  });

  it('needs the cookie as it was set', async () => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    const unaltered = visitor.cookies;
    for (const alter of [(text: string) => `${text.slice(0, -2)}AA`, () => 'e30', () => '']) {
      visitor.cookies = unaltered.map((cookie) => ({ ...cookie, value: alter(cookie.value) }));
      expect(refusal(await visitor.visit(answer.href))).toEqual([400, 'bad_request']);
    }
  });

  it.each([
    ['access_denied', 403, 'permission_denied'],
    ['login_required', 401, 'authentication_error'],
    ['server_error', 401, 'authentication_error'],
  ])('that says %s is told as it is', async (error, status, type) => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    answer.searchParams.delete('code');
    answer.searchParams.set('error', error);
    answer.searchParams.set('error_description', 'for a reason');
    const page = await visitor.visit(answer.href);
    expect(refusal(page)).toEqual([status, type]);
    expect(page.body.detail).toBe(`Main refused the login: ${error} (for a reason)`);
  });

  it('with a code that the provider does not know, or with none, is refused', async () => {
    for (const code of ['made up', '']) {
      const visitor = newVisitor();
      const answer = await answerFor('ann', visitor);
      answer.searchParams.set('code', code);
      expect(refusal(await visitor.visit(answer.href))).toEqual([401, 'authentication_error']);
    }
  });

  it('of another issuer, as it says itself, is refused', async () => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    answer.searchParams.set('iss', forged.issuer);
    expect(refusal(await visitor.visit(answer.href))).toEqual([401, 'authentication_error']);
  });

  it('may carry what the standard does not know', async () => {
    const visitor = newVisitor();
    const answer = await answerFor('ann', visitor);
    answer.searchParams.set('session_state', 'x');
    expect((await visitor.visit(answer.href)).status).toBe(200);
  });
});

const now = () => Math.floor(Date.now() / 1000);
const FORGERIES: readonly [string, Forgery][] = [
  ['another nonce', (claims, { signed }) => signed({ ...claims, nonce: 'x'.repeat(43) })],
  ['no nonce', ({ nonce: _nonce, ...claims }, { signed }) => signed(claims)],
  ['another audience', (claims, { signed }) => signed({ ...claims, aud: 'somebody' })],
  [
    'two audiences, and another party authorised',
    (claims, { signed }) => signed({ ...claims, aud: ['studio', 'somebody'], azp: 'somebody' }),
  ],
  ['another issuer', (claims, { signed }) => signed({ ...claims, iss: 'https://accounts.example' })],
  ['an end in the past', (claims, { signed }) => signed({ ...claims, iat: now() - 7200, exp: now() - 3600 })],
  ['no end', ({ exp: _exp, ...claims }, { signed }) => signed(claims)],
  ['no subject', ({ sub: _sub, ...claims }, { signed }) => signed(claims)],
  ['no signature (alg none)', async (claims, { unsigned }) => unsigned(claims)],
  ['a stranger’s signature', (claims, { signedBy }) => signedBy('a stranger', claims)],
  ['the client secret’s signature', (claims, { signedBy }) => signedBy('the client secret', claims)],
  ['no ID token', async () => ({ access_token: 'a', token_type: 'Bearer' })],
  ['an ID token that is none', async () => ({ access_token: 'a', token_type: 'Bearer', id_token: 'x.y.z' })],
];

describe('an ID token', () => {
  it('that is in order is accepted', async () => {
    const page = await forge((claims, { signed }) => signed(claims));
    expect(page.status).toBe(200);
    expect(await me(page.body.access_token)).toMatchObject({ email: 'ann@forged.example' });
  });

  it.each(FORGERIES)('is refused with %s', async (_what, forgery) => {
    const page = await forge(forgery);
    expect([page.status, page.body.type]).toEqual([401, 'authentication_error']);
    expect(page.body.detail).toMatch(/^The answer of forged is not accepted: /);
  });

  it('is refused with one letter changed', async () => {
    const page = await forge(async (claims, { signed }) => {
      const answer = (await signed(claims)) as { id_token: string };
      const [header, , signature] = answer.id_token.split('.');
      const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'bnn' })).toString('base64url');
      return { ...answer, id_token: [header, payload, signature].join('.') };
    });
    expect([page.status, page.body.type]).toEqual([401, 'authentication_error']);
  });

  it('does not come from an endpoint that fails', async () => {
    const page = await forge(async () => ({ error: 'invalid_client' }), 401);
    expect([page.status, page.body.detail]).toEqual([401, 'forged refused the login: invalid_client']);
    const broken = await forge(async () => ({}), 500);
    expect([broken.status, broken.body.type]).toEqual([401, 'authentication_error']);
  });
});

describe('a provider', () => {
  it('that is out of reach is told of, and asked again at the next login', async () => {
    const answer = await call('GET', beginning('silent'));
    expectFailure(answer, 503, 'unavailable');
    expect(answer.headers['retry-after']).toBe('10');
    const back = createServer((_request, response) => {
      const issuer = `http://127.0.0.1:${silentPort}`;
      const metadata = { issuer, authorization_endpoint: `${issuer}/auth`, jwks_uri: `${issuer}/jwks` };
      response
        .writeHead(200, { 'content-type': 'application/json', connection: 'close' })
        .end(JSON.stringify(metadata));
    });
    await new Promise<void>((done) => back.listen(silentPort, '127.0.0.1', done));
    try {
      expect((await call('GET', beginning('silent'))).status).toBe(302);
    } finally {
      await new Promise((done) => back.close(done));
    }
  });

  it('that is not what its address says is not believed', async () => {
    expectFailure(await call('GET', beginning('false')), 503, 'unavailable');
  });
});
