import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { ApiKey } from '../../src/core/auth/api-key.entity.js';
import { AuthService } from '../../src/core/auth/auth.service.js';
import { EventBus } from '../../src/core/events/index.js';
import { createGraphqlClient, subscribe } from '../support/graphql.js';
import {
  type Answer,
  createRestClient,
  ended,
  expectFailure,
  logIn,
  type RestClient,
  upload,
} from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const MINUTE = 60_000;

let studio: TestStudio;
let call: RestClient;
let operate: ReturnType<typeof createGraphqlClient>;
let token: string;

beforeAll(async () => {
  studio = await startStudio({ listen: true });
  call = createRestClient(studio);
  operate = createGraphqlClient(studio);
  token = await logIn(call, 'keeper@example.com');
});
afterAll(() => studio?.close());
afterEach(() => {
  vi.useRealTimers();
});

async function makeKey(scopes: readonly string[], more: object = {}, by = token) {
  const { status, body, text } = await call('POST', '/auth/api-keys', {
    token: by,
    json: { name: 'k', scopes, ...more },
  });
  expect(status, text).toBe(201);
  return body as { readonly id: string; readonly key: string; readonly hint: string };
}

const rows = () => studio.container.resolve(DATA_SOURCE).getRepository(ApiKey);

function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

const open = () => studio.container.resolve(EventBus).listenerCount;

function lacks(answer: Answer, scope: string): void {
  expectFailure(answer, 403, 'permission_denied');
  expect(answer.body.detail).toBe(`The API key lacks the scope "${scope}"`);
}

describe('an API key', () => {
  it('is shown once, and kept as a hash', async () => {
    const { status, body } = await call('POST', '/auth/api-keys', {
      token,
      json: { name: ' nightly ', scopes: ['generate', 'read', 'read'], expires_at: '2999-01-01' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'nightly',
      scopes: ['read', 'generate'],
      expires_at: '2999-01-01T00:00:00.000Z',
      last_used_at: null,
    });
    // 256 bits in base64url.
    expect(body.key).toMatch(/^sds_[\w-]{43}$/);
    expect(body.key.startsWith(body.hint)).toBe(true);
    const listed = await call('GET', '/auth/api-keys', { token });
    const { key: _key, ...shown } = body;
    expect(listed.body).toContainEqual(shown);
    expect(listed.text).not.toContain(body.key);
    expect(JSON.stringify(await rows().find())).not.toContain(body.key.slice(body.hint.length));
  });

  it('goes into either header, at both doors', async () => {
    const { key } = await makeKey(['read']);
    for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
      expect((await call('GET', '/datasets', { headers })).status).toBe(200);
      expect((await operate('{ me { email } }', { headers })).data.me.email).toBe('keeper@example.com');
    }
    // Another scheme is no credential of ours: the key beside it counts.
    expect(
      (await call('GET', '/datasets', { headers: { authorization: 'Basic eA==', 'x-api-key': key } })).status,
    ).toBe(200);
    expectFailure(await call('GET', '/datasets', { headers: { 'x-api-key': token } }), 401, 'authentication_error');
    expectFailure(await call('GET', '/datasets', { token: `${key}x` }), 401, 'authentication_error');
    expectFailure(await call('GET', '/datasets', { token: 'sds_' }), 401, 'authentication_error');
  });

  it.each([
    ['connectionParams.Authorization', (key: string) => ({ connectionParams: { Authorization: `Bearer ${key}` } })],
    ['connectionParams', (key: string) => ({ connectionParams: { 'X-API-Key': key } })],
    ['the header', (key: string) => ({ headers: { 'x-api-key': key } })],
  ])('opens a GraphQL WebSocket from %s', async (_where, sent) => {
    const { key } = await makeKey(['read']);
    const stranger = (
      await subscribe(studio, 'subscription { generationProgress(generatorId: "none") { status } }', sent(key)).next()
    ).value;
    // Who calls is known: it is the run that is not.
    expect(stranger.errors[0].extensions.type).toBe('resource_not_found');
    const writer = (await makeKey(['write'])).key;
    const refused = (await subscribe(studio, 'subscription { events { type } }', sent(writer)).next()).value;
    expect(refused.errors[0].extensions).toMatchObject({ type: 'permission_denied', status_code: 403 });
  });

  it('is told all that is wrong with it', async () => {
    const answer = await call('POST', '/auth/api-keys', {
      token,
      json: { name: '', scopes: ['admin'], expires_at: 'never', owner: 'x' },
    });
    expectFailure(answer, 422, 'validation_error');
    const codes = answer.body.errors.map(({ field, code }: Record<string, string>) => `${field} ${code}`);
    expect(codes.toSorted()).toEqual([
      'expires_at invalid_format',
      'name range_error',
      'owner unknown_field',
      'scopes.0 invalid_choice',
    ]);
    const late = await call('POST', '/auth/api-keys', {
      token,
      json: { name: 'k', scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' },
    });
    expect(late.body.errors).toEqual([{ field: 'expires_at', message: 'Must lie in the future', code: 'range_error' }]);
  });

  it('has its twins in GraphQL', async () => {
    const made = await operate(
      `mutation { createApiKey(input: { name: "gql", scopes: [WRITE] }) {
        ... on IssuedApiKey { key apiKey { id name scopes hint expiresAt lastUsedAt } }
      } }`,
      { token },
    );
    const { key, apiKey } = made.data.createApiKey;
    expect(apiKey).toMatchObject({ name: 'gql', scopes: ['WRITE'], expiresAt: null, lastUsedAt: null });
    expect((await operate('{ apiKeys { id } }', { token })).data.apiKeys).toContainEqual({ id: apiKey.id });
    const wrong = await operate(
      `mutation { createApiKey(input: { name: "x", scopes: [], expiresAt: "2020-01-01" }) {
        ... on ValidationError { fields { field code } }
      } }`,
      { token },
    );
    expect(wrong.data.createApiKey.fields).toEqual([
      { field: 'scopes', code: 'range_error' },
      { field: 'expiresAt', code: 'range_error' },
    ]);
    const remove = `mutation { deleteApiKey(id: "${apiKey.id}") { __typename ... on Deleted { id } } }`;
    expect((await operate(remove, { token })).data.deleteApiKey).toEqual({ __typename: 'Deleted', id: apiKey.id });
    expect((await operate(remove, { token })).data.deleteApiKey.__typename).toBe('NotFoundError');
    expectFailure(await call('GET', '/datasets', { token: key }), 401, 'authentication_error');
  });

  it('records its use, once a minute at most', async () => {
    const { id, key } = await makeKey(['read']);
    const used = () => vi.waitFor(async () => (await rows().findOneByOrFail({ id })).lastUsedAt!.getTime());
    await call('GET', '/datasets', { token: key });
    const first = await used();
    expect(Math.abs(first - Date.now())).toBeLessThan(MINUTE);
    later(MINUTE / 2);
    await call('GET', '/datasets', { token: key });
    expect(await used()).toBe(first);
    later(MINUTE);
    await call('GET', '/datasets', { token: key });
    await vi.waitFor(async () => expect(await used()).toBeGreaterThan(first + MINUTE));
  });

  it('runs out', async () => {
    const { key } = await makeKey(['read'], { expires_at: new Date(Date.now() + MINUTE).toISOString() });
    expect((await call('GET', '/datasets', { token: key })).status).toBe(200);
    later(MINUTE + 1);
    const answer = await call('GET', '/datasets', { token: key });
    expectFailure(answer, 401, 'token_expired');
    expect(answer.body.detail).toBe('API key has expired');
  });

  it('is dead as soon as it is deleted here, and within seconds where another process deletes it', async () => {
    const here = await makeKey(['read']);
    const elsewhere = await makeKey(['read']);
    for (const { key } of [here, elsewhere]) expect((await call('GET', '/datasets', { token: key })).status).toBe(200);
    expect((await call('DELETE', `/auth/api-keys/${here.id}`, { token })).status).toBe(204);
    expectFailure(await call('GET', '/datasets', { token: here.key }), 401, 'authentication_error');
    await rows().delete({ id: elsewhere.id });
    later(3001);
    expectFailure(await call('GET', '/datasets', { token: elsewhere.key }), 401, 'authentication_error');
  });

  it('lives on when a password is changed, unless it is asked to go', async () => {
    const email = 'careful@example.com';
    const change = async (from: string, to: string, more: object) =>
      call('POST', '/auth/change-password', {
        token: await logIn(call, email, from),
        json: { current_password: from, new_password: to, ...more },
      });
    const { key } = await makeKey(['read'], {}, await logIn(call, email, 'first-password'));
    expect((await change('first-password', 'second-password', {})).status).toBe(204);
    expect((await call('GET', '/auth/me', { token: key })).status).toBe(200);
    expect((await change('second-password', 'third-password', { revoke_api_keys: true })).status).toBe(204);
    expectFailure(await call('GET', '/auth/me', { token: key }), 401, 'authentication_error');
  });

  it('are a hundred at most', async () => {
    const by = await logIn(call, 'hoarder@example.com');
    for (let i = 0; i < 100; i++) await makeKey(['read'], {}, by);
    const answer = await call('POST', '/auth/api-keys', { token: by, json: { name: 'k', scopes: ['read'] } });
    expectFailure(answer, 409, 'conflict');
  });

  it('has none of an administrator’s powers', async () => {
    const other = await startStudio({ env: { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'secure-password' } });
    try {
      const rest = createRestClient(other);
      const admin = await logIn(rest, 'root@example.com');
      const { body } = await rest('POST', '/auth/api-keys', { token: admin, json: { name: 'k', scopes: ['read'] } });
      const principal = await other.container.resolve(AuthService).authenticate(body.key);
      expect(principal.role).toBe('user');
    } finally {
      await other.close();
    }
  });
});

describe('a scope', () => {
  it('opens what it names, and nothing else', async () => {
    const [read, write, generate] = [
      (await makeKey(['read'])).key,
      (await makeKey(['write'])).key,
      (await makeKey(['generate'])).key,
    ];
    const table = `a,b\n${'1,x\n2,y\n'.repeat(60)}`;
    lacks(await upload(call, read, table), 'write');
    const dataset = await upload(call, write, table);
    expect(dataset.status).toBe(201);
    const { id } = dataset.body;
    lacks(await call('GET', `/datasets/${id}`, { token: write }), 'read');
    const run = { json: { generator_type: 'independent', num_rows: 100 } };
    lacks(await call('POST', `/generators/dataset/${id}/generate`, { token: write, ...run }), 'generate');
    const started = await call('POST', `/generators/dataset/${id}/generate`, { token: generate, ...run });
    expect(started.status).toBe(201);
    lacks(await call('GET', `/generators/${started.body.id}`, { token: generate }), 'read');
    expect((await ended(call, read, `/generators/${started.body.id}`)).status).toBe('completed');
    lacks(await call('DELETE', `/datasets/${id}`, { token: generate }), 'write');
    expect((await call('DELETE', `/datasets/${id}`, { token: write })).status).toBe(204);
  });

  it('none opens keys, passwords and sessions', async () => {
    const { key, id } = await makeKey(['read', 'write', 'generate']);
    for (const [method, path, json] of [
      ['GET', '/auth/api-keys', undefined],
      ['POST', '/auth/api-keys', { name: 'k', scopes: ['read'] }],
      ['DELETE', `/auth/api-keys/${id}`, undefined],
      ['PATCH', '/auth/me', { name: 'x' }],
      ['POST', '/auth/logout', {}],
      ['POST', '/auth/change-password', { current_password: 'secure-password', new_password: 'secure-password' }],
    ] as const) {
      expectFailure(await call(method, path, { token: key, ...(json && { json }) }), 403, 'permission_denied');
    }
    expectFailure(await call('POST', '/auth/refresh', { token: key }), 401, 'authentication_error');
  });

  it('lets what a mutation answers lead no further', async () => {
    const { id } = (await upload(call, token, 'a,b\n1,x\n2,y\n')).body;
    const rename = `mutation { updateDataset(id: "${id}", input: { name: "n" }) {
      ... on Dataset { name rows(first: 1) { columns edges { node { values } } } }
    } }`;
    const writer = await operate(rename, { token: (await makeKey(['write'])).key });
    expect(writer.errors![0]!.extensions['detail']).toBe('The API key lacks the scope "read"');
    expect(JSON.stringify(writer)).not.toContain('values');
    const both = await operate(rename, { token: (await makeKey(['read', 'write'])).key });
    expect(both.data.updateDataset.rows.columns).toEqual(['a', 'b']);
  });
});

describe('what is open when a credential is revoked', () => {
  it('ends: a subscription of a key, idle as it may be', async () => {
    const before = open();
    const { id, key } = await makeKey(['read']);
    const events = subscribe(studio, 'subscription { events { type } }', { connectionParams: { 'X-API-Key': key } });
    const next = events.next();
    await vi.waitFor(() => expect(open()).toBe(before + 2));
    await call('DELETE', `/auth/api-keys/${id}`, { token });
    await expect(next).rejects.toMatchObject([{ extensions: { type: 'authentication_error', status_code: 401 } }]);
    await vi.waitFor(() => expect(open()).toBe(before));
  });

  it('ends: a progress socket of a login', async () => {
    const mine = await logIn(call, 'leaver@example.com');
    const { id } = (await upload(call, mine, `a,b\n${'1,x\n2,y\n'.repeat(60)}`)).body;
    // Far from its end when the session is.
    const { body } = await call('POST', `/generators/dataset/${id}/generate`, {
      token: mine,
      json: { generator_type: 'ctgan', num_rows: 100, config: { epochs: 10_000 } },
    });
    const socket = new WebSocket(`${studio.url.replace('http', 'ws')}/ws/generation/${body.id}`, {
      headers: { authorization: `Bearer ${mine}` },
    });
    const closed = new Promise<number>((done) => socket.once('close', done));
    await new Promise((done) => socket.once('message', done));
    await call('POST', '/auth/logout', { token: mine });
    expect(await closed).toBe(4401);
    const again = await logIn(call, 'leaver@example.com');
    await call('POST', `/generators/${body.id}/cancel`, { token: again });
    expect((await ended(call, again, `/generators/${body.id}`)).status).toBe('cancelled');
  });
});
