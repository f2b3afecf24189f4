import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, expectFailure, form, logIn, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
let token: string;

beforeAll(async () => {
  studio = await startStudio({ listen: true, env: { MAX_UPLOAD_BYTES: '64 KiB' } });
  call = createRestClient(studio);
  token = await logIn(call, 'errors@example.com');
});
afterAll(() => studio?.close());

const json = { 'content-type': 'application/json' };

describe('the envelope answers', () => {
  it.each(['/nowhere', '/api/nowhere', '/datasets/x/y/z', '/ws/elsewhere'])('an unknown route: %s', async (url) => {
    const answer = await call('GET', url, { token });
    expectFailure(answer, 404, 'resource_not_found');
  });

  it('a method that a route does not have', async () => {
    const answer = await call('PUT', '/datasets/', { token, json: {} });
    expectFailure(answer, 405, 'method_not_allowed');
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expectFailure(await call('TRACE', '/auth/me', { token }), 405, 'method_not_allowed');
  });

  it('an address that cannot be decoded', async () => {
    expectFailure(await call('GET', '/%zz', { token }), 400, 'bad_request');
  });

  it.each(['{', '{"email": }', 'email=a', "{'email': 'a'}", '\u0000'])('malformed JSON: %s', async (raw) => {
    const answer = await call('POST', '/auth/login', { raw, headers: json });
    expectFailure(answer, 400, 'bad_request');
    expect(answer.body.detail).toMatch(/^Malformed JSON/);
  });

  it.each(['null', '[]', '"text"', '3'])('a body that is no object: %s', async (raw) => {
    expectFailure(await call('POST', '/auth/login', { raw, headers: json }), 422, 'validation_error');
  });

  it('no body where one is needed, field by field', async () => {
    const answer = await call('POST', '/auth/login');
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([
      { field: 'email', message: 'Is required', code: 'required' },
      { field: 'password', message: 'Is required', code: 'required' },
    ]);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/xml', 'multipart/form-data; boundary=x'])(
    'a body of another type: %s',
    async (type) => {
      const raw = 'email=a@example.com';
      expectFailure(await call('POST', '/auth/login', { raw, headers: { 'content-type': type } }), 400, 'bad_request');
    },
  );

  it('a body that is too large', async () => {
    const raw = JSON.stringify({ email: 'x'.repeat(2 ** 20), password: 'x' });
    expectFailure(await call('POST', '/auth/login', { raw, headers: json }), 413, 'payload_too_large');
  });

  it('a query field that the route does not have', async () => {
    const answer = await call('GET', '/auth/me?verbose=1', { token });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([{ field: 'verbose', message: 'Unknown field', code: 'unknown_field' }]);
  });

  it('a body field on a route that wants none', async () => {
    const answer = await call('POST', '/auth/logout', { token, json: { everywhere: true } });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field: 'everywhere', code: 'unknown_field' });
  });

  it('__proto__ as a field: it is refused by name, and harms nothing', async () => {
    const raw = '{"email": "a@example.com", "password": "password", "__proto__": {"polluted": 1}}';
    const answer = await call('POST', '/auth/login', { raw, headers: json });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field: '__proto__', code: 'unknown_field' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('another address form: slash, no slash, /api and both', async () => {
    for (const url of ['/auth/me', '/auth/me/', '/api/auth/me', '/api/auth/me/']) {
      expect((await call('GET', url, { token })).status).toBe(200);
    }
    expectFailure(await call('GET', '/apis/auth/me', { token }), 404, 'resource_not_found');
  });
});

const post = (sent: object) => call('POST', '/datasets/upload', { token, ...sent });

describe('a multipart body', () => {
  const table = 'a,b\n1,2\n3,4\n';

  it('is needed for an upload', async () => {
    for (const type of ['application/json', 'text/csv']) {
      const answer = await post({ raw: table, headers: { 'content-type': type } });
      expectFailure(answer, 400, 'bad_request');
    }
    expectFailure(await post({}), 400, 'bad_request');
  });

  it('needs a boundary, and an end', async () => {
    expectFailure(await post({ raw: 'x', headers: { 'content-type': 'multipart/form-data' } }), 400, 'bad_request');
    const { raw, headers } = form([{ name: 'file', value: table, filename: 'a.csv' }]);
    expectFailure(await post({ raw: raw.subarray(0, -20), headers }), 400, 'bad_request');
    expectFailure(await post({ raw: 'no boundary here', headers }), 400, 'bad_request');
  });

  it.each([
    ['no file', [{ name: 'name', value: 'x' }], 'file', 'required'],
    ['a field called file', [{ name: 'file', value: 'a,b\n' }], 'file', 'invalid_type'],
    [
      'an unknown field',
      [
        { name: 'owner', value: 'x' },
        { name: 'file', value: table, filename: 'a.csv' },
      ],
      'owner',
      'unknown_field',
    ],
    [
      'an unknown field after the file',
      [
        { name: 'file', value: table, filename: 'a.csv' },
        { name: 'owner', value: 'x' },
      ],
      'owner',
      'unknown_field',
    ],
    ['a file in another field', [{ name: 'table', value: table, filename: 'a.csv' }], 'table', 'unknown_field'],
    [
      'two files',
      [
        { name: 'file', value: table, filename: 'a.csv' },
        { name: 'file', value: table, filename: 'b.csv' },
      ],
      'file',
      'unknown_field',
    ],
  ])('is refused with %s', async (_what, parts, field, code) => {
    const answer = await post(form(parts));
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field, code });
  });

  it('is refused when its file is larger than the limit', async () => {
    const answer = await post(form([{ name: 'file', value: `a\n${'1\n'.repeat(50_000)}`, filename: 'a.csv' }]));
    expectFailure(answer, 413, 'payload_too_large');
  });

  it('that the client gives up leaves nothing, and the server serves on', async () => {
    const { raw, headers } = form([{ name: 'file', value: table.repeat(1000), filename: 'a.csv' }]);
    const { port } = new URL(studio.url);
    await new Promise<void>((done) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /datasets/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${headers['content-type']}\r\nContent-Length: ${raw.length}\r\n\r\n`,
        );
        socket.write(raw.subarray(0, 500), () => setTimeout(() => socket.destroy(), 100));
      });
      socket.on('close', () => done());
    });
    expect((await call('GET', '/datasets/', { token })).body).toEqual([]);
  });
});
