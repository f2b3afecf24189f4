import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, expectFailure, logIn, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const password = 'secure-password';
let studio: TestStudio;
let call: RestClient;

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
});
afterAll(() => studio?.close());

const tokensOf = async (email: string) => (await call('POST', '/auth/login', { json: { email, password } })).body;

const statusOfRegistration = (email: string, text: string) =>
  call('POST', '/auth/register', { json: { email, password: text } }).then(({ status }) => status);

describe('register', () => {
  it('makes an account that can log in at once', async () => {
    const email = 'New.User@example.com';
    const { status, body } = await call('POST', '/auth/register', { json: { email, password, name: 'New' } });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'new.user@example.com',
      name: 'New',
      role: 'user',
      created_at: expect.stringMatching(/Z$/),
    });
    expect(await tokensOf('new.user@EXAMPLE.com')).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1800,
      refresh_token: expect.any(String),
      refresh_expires_in: 30 * 86_400,
    });
  });

  it('refuses an address that is taken', async () => {
    await logIn(call, 'taken@example.com');
    const answer = await call('POST', '/auth/register', { json: { email: 'TAKEN@example.com', password } });
    expectFailure(answer, 400, 'already_exists');
  });

  it('tells all that is wrong', async () => {
    const answer = await call('POST', '/auth/register', { json: { email: 'x', password: 'short', role: 'admin' } });
    expectFailure(answer, 422, 'validation_error');
    const codes = answer.body.errors.map(({ field, code }: Record<string, string>) => `${field} ${code}`);
    expect(codes.toSorted()).toEqual(['email invalid_format', 'password range_error', 'role unknown_field']);
  });

  it('takes no composition rule, up to 128 characters', async () => {
    expect(await statusOfRegistration('p1@example.com', 'password')).toBe(201);
    expect(await statusOfRegistration('p2@example.com', 'x'.repeat(128))).toBe(201);
    expect(await statusOfRegistration('p3@example.com', 'x'.repeat(129))).toBe(422);
  });
});

describe('login', () => {
  it('says the same of a wrong password and of an unknown address', async () => {
    await logIn(call, 'known@example.com');
    const answers = await Promise.all(
      ['known@example.com', 'unknown@example.com'].map((email) =>
        call('POST', '/auth/login', { json: { email, password: 'another-one' } }),
      ),
    );
    for (const answer of answers) {
      expectFailure(answer, 401, 'authentication_error');
      expect(answer.body.detail).toBe('Incorrect email or password');
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });
});

describe('a token', () => {
  it.each([
    ['none', {}],
    ['another scheme', { headers: { authorization: 'Basic dXNlcjpwYXNz' } }],
    ['no token', { headers: { authorization: 'Bearer' } }],
    ['nonsense', { token: 'nonsense' }],
    ['a forged one', { token: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' }],
  ])('is needed: %s', async (_what, sent) => {
    const answer = await call('GET', '/datasets/', sent);
    expectFailure(answer, 401, 'authentication_error');
    expect(answer.body.detail).toBe('Not authenticated');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('tells when it has run out', async () => {
    const short = await startStudio({ env: { ACCESS_TOKEN_TTL: '1s' } });
    try {
      const shortCall = createRestClient(short);
      const token = await logIn(shortCall, 'late@example.com');
      // Whole seconds count, and the present one is not over yet.
      await new Promise((done) => setTimeout(done, 2100));
      const answer = await shortCall('GET', '/auth/me', { token });
      expectFailure(answer, 401, 'token_expired');
      expect(answer.body.detail).toBe('Token has expired');
    } finally {
      await short.close();
    }
  });

  it('that is stale does no harm where none is needed', async () => {
    const email = 'stale@example.com';
    await logIn(call, email);
    expect((await call('POST', '/auth/login', { token: 'stale', json: { email, password } })).status).toBe(200);
    expect((await call('GET', '/health', { token: 'stale' })).status).toBe(200);
  });
});

describe('refresh', () => {
  it('takes the token from the header or from the body, and gives another', async () => {
    await logIn(call, 'fresh@example.com');
    const first = await tokensOf('fresh@example.com');
    const second = await call('POST', '/auth/refresh', { token: first.refresh_token });
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    const third = await call('POST', '/auth/refresh', { json: { refresh_token: second.body.refresh_token } });
    expect(third.status).toBe(200);
    expect((await call('GET', '/auth/me', { token: third.body.access_token })).status).toBe(200);
  });

  it('ends the whole family when a used token comes again', async () => {
    await logIn(call, 'thief@example.com');
    const first = await tokensOf('thief@example.com');
    const second = (await call('POST', '/auth/refresh', { token: first.refresh_token })).body;
    expectFailure(await call('POST', '/auth/refresh', { token: first.refresh_token }), 401, 'authentication_error');
    expectFailure(await call('POST', '/auth/refresh', { token: second.refresh_token }), 401, 'authentication_error');
    expectFailure(await call('GET', '/auth/me', { token: second.access_token }), 401, 'authentication_error');
  });

  it('takes no access token, and wants one of the two', async () => {
    const token = await logIn(call, 'mixed@example.com');
    expectFailure(await call('POST', '/auth/refresh', { token }), 401, 'authentication_error');
    expectFailure(await call('POST', '/auth/refresh'), 401, 'authentication_error');
  });
});

describe('an account', () => {
  it('is read and renamed', async () => {
    const token = await logIn(call, 'me@example.com');
    expect((await call('GET', '/auth/me', { token })).body).toMatchObject({ email: 'me@example.com', name: null });
    const renamed = await call('PATCH', '/auth/me', { token, json: { name: 'Me' } });
    expect(renamed.body).toMatchObject({ email: 'me@example.com', name: 'Me' });
    expectFailure(await call('PATCH', '/auth/me', { token, json: { role: 'admin' } }), 422, 'validation_error');
  });

  it.each([
    ['no body and no type', {}],
    ['a JSON type and no body', { headers: { 'content-type': 'application/json' } }],
    ['an empty object', { json: {} }],
  ])('logs out with %s', async (what, sent) => {
    const token = await logIn(call, `out-${what.length}@example.com`);
    expect((await call('POST', '/auth/logout', { token, ...sent })).status).toBe(204);
    expectFailure(await call('GET', '/auth/me', { token }), 401, 'authentication_error');
  });

  it('changes its password, which ends every session', async () => {
    const email = 'change@example.com';
    const token = await logIn(call, email);
    const change = (json: object) => call('POST', '/auth/change-password', { token, json });
    expectFailure(
      await change({ current_password: 'wrong-one', new_password: 'next-password' }),
      401,
      'authentication_error',
    );
    const short = await change({ current_password: password, new_password: 'short' });
    expectFailure(short, 422, 'validation_error');
    expect(short.body.errors[0]).toMatchObject({ field: 'new_password', code: 'range_error' });
    expect((await change({ current_password: password, new_password: 'next-password' })).status).toBe(204);
    expectFailure(await call('GET', '/auth/me', { token }), 401, 'authentication_error');
    expect(await logIn(call, email, 'next-password')).toEqual(expect.any(String));
  });
});
