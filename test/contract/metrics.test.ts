import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
let token: string;
const table = `age,city\n${Array.from({ length: 120 }, (_, i) => `${20 + (i % 50)},${i % 3 === 0 ? 'Rome' : 'Oslo'}`).join('\n')}\n`;

beforeAll(async () => {
  studio = await startStudio({ listen: true });
  call = createRestClient(studio);
  token = await logIn(call, 'user@example.com');
});
afterAll(() => studio?.close());

/** Value of the one sample with this name and these labels; undefined where there is none. */
async function sample(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const { text } = await call('GET', '/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const found = lines.filter((line) =>
    Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
  );
  expect(found.length).toBeLessThanOrEqual(1);
  return found.length === 0 ? undefined : Number(found[0]!.split(' ').at(-1));
}

const graphql = (query: string, as: string | null = token) =>
  studio.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: as === null ? {} : { authorization: `Bearer ${as}` },
    payload: { query },
  });

describe('the metrics', () => {
  it('count and time REST by route and class of status, whatever ids and addresses callers think of', async () => {
    const labels = { method: 'GET', route: '/datasets/:dataset_id' };
    for (const id of ['a', 'b', 'c']) await call('GET', `/datasets/${id}`, { token });
    expect(await sample('studio_http_requests_total', { ...labels, status: '4xx' })).toBe(3);
    expect(await sample('studio_http_request_duration_seconds_count', labels)).toBe(3);
    expect(await sample('studio_http_request_duration_seconds_bucket', { ...labels, le: '+Inf' })).toBe(3);
    for (const path of ['/nowhere/1', '/nowhere/2']) await call('GET', path);
    const { text } = await call('GET', '/metrics');
    expect(text).not.toContain('nowhere');
    expect(await sample('studio_http_requests_total', { method: 'GET', route: '(none)', status: '4xx' })).toBe(2);
  });

  it('count GraphQL by root field and outcome, and take no name that a caller thought of', async () => {
    for (let time = 0; time < 3; time++) await graphql('query Whatever { me { id } }');
    await graphql('query Whatever { me { id } }', null);
    await graphql('{ nothing }');
    await graphql('{ datasets { totalCount } generators { totalCount } }');
    const of = (labels: Record<string, string>) => sample('studio_graphql_operations_total', labels);
    expect(await of({ type: 'query', field: 'me', outcome: 'ok' })).toBe(3);
    expect(await of({ type: 'query', field: 'me', outcome: 'refused' })).toBe(1);
    expect(await of({ field: '(invalid)' })).toBe(1);
    expect(await of({ field: '(several)', outcome: 'ok' })).toBe(1);
    expect(await sample('studio_graphql_operation_duration_seconds_count', { field: 'me' })).toBe(4);
    expect((await call('GET', '/metrics')).text).not.toContain('Whatever');
  });

  it('count operations over WebSockets too', async () => {
    const socket = new WebSocket(`${studio.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await new Promise((done) => socket.once('open', done));
    const completed = new Promise<void>((done) =>
      socket.on('message', (data) => {
        const { type } = JSON.parse(String(data));
        if (type === 'connection_ack') {
          const payload = { query: '{ evaluations { totalCount } }' };
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        }
        if (type === 'complete') done();
      }),
    );
    const payload = { authorization: `Bearer ${token}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    await completed;
    socket.close();
    expect(await sample('studio_graphql_operations_total', { field: 'evaluations', outcome: 'ok' })).toBe(1);
  });

  it('follow jobs: how many wait and run, what a phase of each generator takes, how runs end', async () => {
    const { body: dataset } = await upload(call, token, table);
    expect(await sample('studio_upload_bytes_total')).toBe(table.length);
    const json = { generator_type: 'gaussian-copula', num_rows: 100 };
    const url = `/generators/dataset/${dataset.id}/generate`;
    const first = (await call('POST', url, { token, json })).body.id;
    const second = (await call('POST', url, { token, json })).body.id;
    expect(await sample('studio_jobs', { status: 'pending' })).toBeGreaterThanOrEqual(1);
    expect(await sample('studio_oldest_waiting_job_seconds')).toBeGreaterThan(0);
    while ((await sample('studio_trainers')) !== 1)
      expect(await sample('studio_jobs', { status: 'pending' })).toBeLessThan(3);
    for (const id of [first, second]) await ended(call, token, `/generators/${id}`);
    await expect.poll(() => sample('studio_trainers')).toBe(0);
    await expect.poll(() => sample('studio_job_runs_total', { kind: 'generate', outcome: 'completed' })).toBe(2);
    expect(await sample('studio_jobs', { status: 'running' })).toBe(0);
    const plugin = 'gaussian-copula';
    for (const phase of ['prepare', 'train', 'sample']) {
      expect(await sample('studio_trainer_phase_duration_seconds_count', { phase, plugin })).toBe(2);
    }
    expect(await sample('studio_job_run_duration_seconds_sum', { kind: 'generate', plugin })).toBeGreaterThan(0);
  });

  it('tell of the process and of the lag of its event loop', async () => {
    // The scrape before this one began the measuring anew.
    await new Promise((done) => setTimeout(done, 50));
    const begin = performance.now();
    while (performance.now() - begin < 300);
    await new Promise((done) => setTimeout(done, 20));
    expect(await sample('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.25);
    expect(await sample('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(await sample('process_resident_memory_bytes')).toBeGreaterThan(2 ** 20);
    expect(await sample('process_open_fds')).toBeGreaterThan(3);
  });

  it('are for this machine alone, and not for what a proxy hands on', async () => {
    const { headers } = await call('GET', '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expectFailure(
      await call('GET', '/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } }),
      403,
      'permission_denied',
    );
    const far = await studio.app.inject({ url: '/metrics', remoteAddress: '192.0.2.7' });
    expect(far.statusCode).toBe(403);
  });
});

describe('with METRICS_TOKEN', () => {
  it('they are for whoever has it, from anywhere', async () => {
    const secret = 'a-token-for-prometheus';
    const other = await startStudio({ env: { METRICS_TOKEN: secret } });
    try {
      const ask = async (headers: Record<string, string>) =>
        (await other.app.inject({ url: '/metrics', headers, remoteAddress: '192.0.2.7' })).statusCode;
      expect(await ask({ authorization: `Bearer ${secret}` })).toBe(200);
      expect(await ask({ authorization: `Bearer ${secret}x` })).toBe(401);
      expect(await ask({ authorization: `Bearer ${token}` })).toBe(401);
      expect(await ask({})).toBe(401);
    } finally {
      await other.close();
    }
  });
});
