import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRestClient, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const TABLE = `age,city\n${Array.from({ length: 60 }, (_, i) => `${20 + i},${i % 2 === 0 ? 'Oslo' : 'Rome'}`).join('\n')}\n`;

let studio: TestStudio;
afterEach(() => studio?.close());

async function open(env: Record<string, string>, listen = false): Promise<RestClient> {
  studio = await startStudio({ env, listen });
  return createRestClient(studio);
}

const graphql = (call: RestClient, query: string, token?: string) =>
  call('POST', '/graphql', { json: { query }, token });

/** With which code the progress socket of an unknown run closes. */
function closeCode(): Promise<number> {
  return new Promise((done) => {
    const socket = new WebSocket(`${studio.url.replace('http', 'ws')}/ws/generation/none`);
    socket.once('close', done);
  });
}

describe('the limits of a user', () => {
  it('are one for both doors, and stand on each answer, on failures too', async () => {
    const call = await open({ RATE_LIMIT_PER_MINUTE: '5', RATE_LIMIT_PER_HOUR: '5000' });
    const token = await logIn(call, 'ann@example.com');
    const remaining: unknown[] = [];
    for (const answer of [
      await call('GET', '/datasets', { token }),
      await graphql(call, '{ me { id } }', token),
      await call('GET', '/datasets/none', { token }),
      await graphql(call, '{ nonsense }', token),
      await call('POST', '/evaluations/run', { token, json: {} }),
    ]) {
      expect(answer.headers['x-ratelimit-limit']).toBe('5');
      expect(Number(answer.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
      remaining.push(answer.headers['x-ratelimit-remaining']);
    }
    expect(remaining).toEqual(['4', '3', '2', '1', '0']);

    const refused = await call('GET', '/datasets', { token });
    expectFailure(refused, 429, 'rate_limit_exceeded');
    const { headers } = refused;
    expect(Number(headers['retry-after'])).toBeGreaterThan(50);
    expect(headers['x-ratelimit-retry-after']).toBe(headers['retry-after']);
    expect(headers['x-ratelimit-remaining']).toBe('0');

    const alsoRefused = await graphql(call, '{ me { id } }', token);
    expect(alsoRefused.status).toBe(429);
    expect(alsoRefused.headers['retry-after']).toBe(headers['retry-after']);
    expect(alsoRefused.body.errors[0].extensions).toMatchObject({
      type: 'rate_limit_exceeded',
      status_code: 429,
      retry_after: Number(headers['retry-after']),
    });
  });

  it('are each user’s own', async () => {
    const call = await open({ RATE_LIMIT_PER_MINUTE: '1' });
    const [ann, bob] = [await logIn(call, 'ann@example.com'), await logIn(call, 'bob@example.com')];
    expect((await call('GET', '/datasets', { token: ann })).status).toBe(200);
    expect((await call('GET', '/datasets', { token: ann })).status).toBe(429);
    expect((await call('GET', '/datasets', { token: bob })).status).toBe(200);
  });

  it('leave signs of life and pages alone', async () => {
    const call = await open({ ANONYMOUS_PER_MINUTE: '1' });
    for (let i = 0; i < 3; i++) {
      for (const url of ['/health/live', '/openapi.json', '/docs/']) {
        const { status, headers } = await call('GET', url);
        expect([url, status, headers['x-ratelimit-limit']]).toEqual([url, 200, undefined]);
      }
    }
  });

  it('count each operation on a WebSocket as a request', async () => {
    const call = await open({ RATE_LIMIT_PER_MINUTE: '2' }, true);
    const token = await logIn(call, 'ann@example.com');
    const client = createClient({
      url: `${studio.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { Authorization: `Bearer ${token}` },
    });
    const ask = async () => (await client.iterate({ query: '{ me { email } }' }).next()).value;
    expect([await ask(), await ask()]).toMatchObject([{ data: {} }, { data: {} }]);
    const refusal = await ask().catch((errors: unknown) => errors);
    expect(refusal).toMatchObject([{ extensions: { type: 'rate_limit_exceeded', status_code: 429 } }]);
    await client.dispose();
  });

  it('hold for the progress socket', async () => {
    const call = await open({ ANONYMOUS_PER_MINUTE: '1' }, true);
    expect(await closeCode()).toBe(4404);
    expect(await closeCode()).toBe(4429);
    expect((await call('GET', '/datasets')).status).toBe(429);
  });
});

describe('requests without a login', () => {
  it('are limited by address, those with a wrong token among them', async () => {
    const call = await open({ ANONYMOUS_PER_MINUTE: '3' });
    expect((await call('GET', '/datasets')).status).toBe(401);
    expect((await call('GET', '/datasets', { token: 'guessed' })).status).toBe(401);
    expect((await graphql(call, '{ me { id } }', 'guessed')).status).toBe(200);
    const refused = await call('POST', '/auth/login', { json: { email: 'ann@example.com', password: 'password' } });
    expectFailure(refused, 429, 'rate_limit_exceeded');
    expect((await graphql(call, '{ me { id } }')).status).toBe(429);
  });

  it('have an address of their own behind a trusted proxy', async () => {
    const call = await open({ ANONYMOUS_PER_MINUTE: '1', TRUST_PROXY: 'true' });
    const from = (address: string) => call('GET', '/datasets', { headers: { 'x-forwarded-for': address } });
    const statuses = [await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')].map((a) => a.status);
    expect(statuses).toEqual([401, 429, 401]);
  });
});

describe('attempts to log in', () => {
  it('are limited by address and e-mail over both doors; another account can still log in', async () => {
    const call = await open({ LOGINS_PER_MINUTE: '2' });
    for (const email of ['ann@example.com', 'bob@example.com']) {
      await call('POST', '/auth/register', { json: { email, password: 'secure-password' } });
    }
    const tryRest = (email: string, password: string) => call('POST', '/auth/login', { json: { email, password } });
    const tryGraphql = (email: string) =>
      graphql(
        call,
        `mutation { login(input: { email: "${email}", password: "wrong" }) {
          __typename ... on LimitError { code retryAfter } } }`,
      );
    expect((await tryRest('ann@example.com', 'wrong')).status).toBe(401);
    expect((await tryGraphql('Ann@example.com')).body.data.login.__typename).toBe('AuthenticationError');
    expectFailure(await tryRest('ann@example.com', 'secure-password'), 429, 'rate_limit_exceeded');
    const refused = await tryGraphql('ann@example.com');
    expect(refused.body.data.login).toEqual({
      __typename: 'LimitError',
      code: 'rate_limit_exceeded',
      retryAfter: Number(refused.headers['retry-after']),
    });
    expect((await tryRest('bob@example.com', 'secure-password')).status).toBe(200);
  });
});

describe('uploads', () => {
  it('have a limit of their own over both doors', async () => {
    const call = await open({ UPLOADS_PER_MINUTE: '2', RATE_LIMIT_PER_MINUTE: '1000' });
    const token = await logIn(call, 'ann@example.com');
    expect((await upload(call, token, TABLE)).headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
    });
    const form = new FormData();
    const query =
      'mutation ($file: File!) { uploadDataset(file: $file) { __typename ... on LimitError { code retryAfter } } }';
    form.append('operations', JSON.stringify({ query, variables: { file: null } }));
    form.append('map', '{"0":["variables.file"]}');
    form.append('0', new Blob([TABLE]), 'table.csv');
    const body = new Response(form);
    const sent = {
      token,
      raw: Buffer.from(await body.clone().arrayBuffer()),
      headers: { 'content-type': body.headers.get('content-type')! },
    };
    expect((await call('POST', '/graphql', sent)).body.data.uploadDataset.__typename).toBe('Dataset');
    const refused = await call('POST', '/graphql', sent);
    expect(refused.body.data.uploadDataset).toMatchObject({ __typename: 'LimitError', code: 'rate_limit_exceeded' });
    expect(Number(refused.headers['x-ratelimit-retry-after'])).toBe(refused.body.data.uploadDataset.retryAfter);
    expectFailure(await upload(call, token, TABLE), 429, 'rate_limit_exceeded');
    expect((await call('GET', '/datasets', { token })).body).toHaveLength(2);
  });
});

describe('generation jobs', () => {
  it('that have not ended are limited, however many come at once, and a place is free when one has ended', async () => {
    const call = await open({ CONCURRENT_GENERATIONS: '2', STUDIO_ROLE: 'api' });
    const token = await logIn(call, 'ann@example.com');
    const { id } = (await upload(call, token, TABLE)).body;
    const generate = () =>
      call('POST', `/generators/dataset/${id}/generate`, { token, json: { generator_type: 'independent' } });
    const answers = await Promise.all(Array.from({ length: 5 }, generate));
    const accepted = answers.filter(({ status }) => status === 201);
    expect(accepted).toHaveLength(2);
    const refused = answers.find(({ status }) => status !== 201)!;
    expectFailure(refused, 429, 'concurrency_limit_exceeded');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['x-ratelimit-retry-after']).toBe(refused.headers['retry-after']);
    const { body } = await graphql(
      call,
      `mutation { generate(input: { datasetId: "${id}", generator: { independent: {} } }) {
        ... on LimitError { code retryAfter } } }`,
      token,
    );
    expect(body.data.generate).toEqual({
      code: 'concurrency_limit_exceeded',
      retryAfter: Number(refused.headers['retry-after']),
    });
    await call('POST', `/generators/${accepted[0]!.body.generator_id}/cancel`, { token });
    expect((await generate()).status).toBe(201);
  });
});
