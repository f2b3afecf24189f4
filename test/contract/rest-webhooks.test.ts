import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { Webhook } from '../../src/core/webhooks/webhook.entity.js';
import { findPython } from '../support/guide-python.js';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';
import { verify, WebhookReceiver } from '../support/webhook-receiver.js';

const EVENTS = [
  'generation.completed',
  'generation.failed',
  'evaluation.completed',
  'evaluation.failed',
  'dataset.created',
];
const TABLE = `age,income\n${Array.from({ length: 120 }, (_, i) => `${20 + (i % 50)},${1000 + i * 7}`).join('\n')}\n`;
const ENV = {
  WEBHOOK_ALLOW_PRIVATE: 'true',
  WEBHOOK_RETRY_DELAY: '10ms',
  WEBHOOK_RETRY_FOR: '2s',
  WEBHOOK_TIMEOUT: '500ms',
  WEBHOOK_SECRET_OVERLAP: '1s',
};

let studio: TestStudio;
let call: RestClient;
let token: string;
let stranger: string;
let receiver: WebhookReceiver;
let python: string;

beforeAll(async () => {
  studio = await startStudio({ env: ENV });
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  stranger = await logIn(call, 'stranger@example.com');
  python = await findPython();
}, 300_000);
afterAll(() => studio?.close());
beforeEach(async () => {
  receiver = await WebhookReceiver.open();
});
afterEach(async () => {
  for (const { id } of (await call('GET', '/webhooks', { token })).body) {
    await call('DELETE', `/webhooks/${id}`, { token });
  }
  await receiver[Symbol.asyncDispose]();
});

async function register(path: string, more: object = {}) {
  const json = { url: receiver.url + path, events: EVENTS, ...more };
  const answer = await call('POST', '/webhooks/register', { token, json });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

const deliveries = async (id: string) => (await call('GET', `/webhooks/${id}/deliveries`, { token })).body;

/** The newest delivery of a webhook, once it has ended. */
async function endedDelivery(id: string) {
  for (;;) {
    const [newest] = await deliveries(id);
    if (newest !== undefined && newest.status !== 'pending') return newest;
    await setTimeout(20);
  }
}

describe('a webhook', () => {
  it('is registered with a secret that is told once and kept encrypted', async () => {
    const made = await register('/once');
    expect(made).toMatchObject({ url: `${receiver.url}/once`, events: EVENTS, enabled: true, disabled_reason: null });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { secret, ...rest } = made;
    expect((await call('GET', `/webhooks/${made.id}`, { token })).body).toEqual(rest);
    expect((await call('GET', '/webhooks/', { token })).body).toEqual([rest]);
    const row = await studio.container.resolve(DATA_SOURCE).manager.findOneBy(Webhook, { id: made.id });
    expect(row!.secret).toMatch(/^[\w-]+$/);
    expect(JSON.stringify(row)).not.toContain(secret.slice('whsec_'.length));
  });

  it('is changed, disabled and deleted', async () => {
    const { id } = await register('/change');
    const change = { url: `${receiver.url}/other`, events: ['dataset.created'], enabled: false };
    expect((await call('PATCH', `/webhooks/${id}`, { token, json: change })).body).toMatchObject(change);
    await upload(call, token, TABLE);
    expect(await deliveries(id)).toEqual([]);
    await call('PATCH', `/webhooks/${id}`, { token, json: { enabled: true } });
    await upload(call, token, TABLE);
    await receiver.waitFor('/other');
    expect((await call('DELETE', `/webhooks/${id}`, { token })).status).toBe(204);
    expectFailure(await call('GET', `/webhooks/${id}`, { token }), 404, 'resource_not_found');
  });

  it("is nobody else's, nor are its deliveries", async () => {
    const { id } = await register('/mine');
    const { body: delivery } = await call('POST', `/webhooks/${id}/test`, { token });
    const requests = [
      ['GET', `/webhooks/${id}`],
      ['PATCH', `/webhooks/${id}`, { enabled: false }],
      ['DELETE', `/webhooks/${id}`],
      ['POST', `/webhooks/${id}/test`],
      ['POST', `/webhooks/${id}/rotate-secret`],
      ['GET', `/webhooks/${id}/deliveries`],
      ['POST', `/webhooks/deliveries/${delivery.id}/redeliver`],
    ] as const;
    for (const [method, url, json] of requests) {
      expectFailure(await call(method, url, { token: stranger, json }), 404, 'resource_not_found');
      expectFailure(await call(method, url, { json }), 401, 'authentication_error');
    }
    await upload(call, stranger, TABLE);
    expect((await call('GET', '/webhooks', { token: stranger })).body).toEqual([]);
    expect((await deliveries(id)).map(({ type }: { type: string }) => type)).toEqual(['webhook.test']);
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    ['url', { url: 'no address' }, 'invalid_format'],
    ['url', { url: 'ftp://example.com/' }, 'invalid_choice'],
    ['url', { url: 'https://user:password@example.com/' }, 'invalid_format'],
    ['url', { url: `https://example.com/${'x'.repeat(2048)}` }, 'range_error'],
    ['events', { events: [] }, 'range_error'],
    ['events.0', { events: ['dataset.exploded'] }, 'invalid_choice'],
    ['secret', { secret: 'short' }, 'range_error'],
    ['secret', { secret: 'whsec_not-base64-at-all' }, 'invalid_format'],
    ['secret', { secret: 'whsec_AAAAAAAAAAAAAAAA' }, 'invalid_format'],
    ['secret', { secret: 'ünter den Linden wohnen' }, 'invalid_format'],
    ['colour', { colour: 'red' }, 'unknown_field'],
  ])('is refused with a bad %s: %o', async (field, part, code) => {
    const json = { url: receiver.url, events: EVENTS, ...part };
    const answer = await call('POST', '/webhooks/register', { token, json });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([expect.objectContaining({ field, code })]);
  });

  it('is one of fifty at most', async () => {
    for (let i = 0; i < 50; i++) await register(`/${i}`);
    const json = { url: receiver.url, events: EVENTS };
    expectFailure(await call('POST', '/webhooks/register', { token, json }), 409, 'conflict');
  });
});

describe('events', () => {
  it('are told of: an upload, a run, an evaluation, and a run that fails', { timeout: 90_000 }, async () => {
    const { secret } = await register('/events');
    const { body: dataset } = await upload(call, token, TABLE);
    const json = { generator_type: 'independent', num_rows: 100 };
    const { body: run } = await call('POST', `/generators/dataset/${dataset.id}/generate`, { token, json });
    await ended(call, token, `/generators/${run.id}`);
    const { body: evaluation } = await call('POST', '/evaluations/run', {
      token,
      json: { generator_id: run.id, evaluators: [{ id: 'fidelity' }] },
      headers: { prefer: 'wait=60' },
    });
    const model = join(studio.dataDir, 'objects', 'models', run.id);
    const manifest = (await readdir(model, { recursive: true })).find((name) => name.endsWith('manifest.json'));
    await writeFile(join(model, manifest!), '{}');
    const { body: broken } = await call('POST', `/generators/${run.id}/generate`, { token, json: { num_rows: 100 } });
    const { error } = await ended(call, token, `/generators/${broken.id}`);

    const received = await receiver.waitFor('/events', 4);
    const told = Object.fromEntries(received.map(({ message }) => [message.type, message]));
    expect(received.map(({ message }) => message.type).toSorted()).toEqual([
      'dataset.created',
      'evaluation.completed',
      'generation.completed',
      'generation.failed',
    ]);
    expect(told['dataset.created']).toEqual({
      type: 'dataset.created',
      timestamp: dataset.created_at,
      data: {
        dataset_id: dataset.id,
        name: 'table.csv',
        row_count: 120,
        column_count: 2,
        checksum: dataset.checksum,
      },
    });
    expect(told['generation.completed']).toMatchObject({
      timestamp: expect.stringMatching(/Z$/),
      data: { generator_id: run.id, job_id: run.job_id, status: 'completed', error: null },
    });
    expect(told['evaluation.completed']!.data).toMatchObject({ evaluation_id: evaluation.id, status: 'completed' });
    expect(told['generation.failed']!.data).toMatchObject({ generator_id: broken.id, status: 'failed', error });
    for (const one of received) expect(verify(secret, one)).toEqual(one.message);
  });

  it('reach only the webhooks that name them', async () => {
    await register('/all');
    const { id } = await register('/runs', { events: ['generation.completed'] });
    await upload(call, token, TABLE);
    await receiver.waitFor('/all');
    expect(await deliveries(id)).toEqual([]);
  });
});

describe('signatures', () => {
  it.each([
    ['made by the studio', undefined],
    ["of the user's own", `whsec_${Buffer.alloc(24, 7).toString('base64')}`],
    ['of plain text, as in the guide', 'your-webhook-secret'],
  ])('with a secret %s are those of the specification, in JavaScript and Python', async (_case, given) => {
    const made = await register('/signed', given === undefined ? {} : { secret: given });
    expect(made.secret).toBe(given ?? made.secret);
    const { body: delivery } = await call('POST', `/webhooks/${made.id}/test`, { token });
    expect(delivery).toMatchObject({ status: 'delivered', type: 'webhook.test' });
    const [received] = await receiver.waitFor('/signed');
    expect(received!.headers['webhook-id']).toBe(delivery.id);
    expect(received!.headers['content-type']).toBe('application/json');
    expect(verify(made.secret, received!)).toEqual(delivery.payload);
    expect(() => verify(made.secret, { ...received!, body: `${received!.body} ` })).toThrow('No matching signature');
    const script = [
      'import json, sys',
      'from standardwebhooks import Webhook',
      'secret, headers, body = json.load(sys.stdin)',
      'key = secret if secret.startswith("whsec_") else secret.encode()',
      'print(json.dumps(Webhook(key).verify(body, headers)))',
    ].join('\n');
    const run = promisify(execFile)(python, ['-c', script]);
    run.child.stdin!.end(JSON.stringify([made.secret, received!.headers, received!.body]));
    expect(JSON.parse((await run).stdout)).toEqual(delivery.payload);
  });

  it('come in two while a secret is being replaced, and in one after that', async () => {
    const { id, secret: old } = await register('/rotated');
    const { status, body } = await call('POST', `/webhooks/${id}/rotate-secret`, { token });
    expect(status).toBe(200);
    expect(body.secret).not.toBe(old);
    await call('POST', `/webhooks/${id}/test`, { token });
    const [both] = await receiver.waitFor('/rotated');
    expect(verify(old, both!)).toEqual(verify(body.secret, both!));
    await setTimeout(Date.parse(body.previous_secret_expires_at) - Date.now() + 10);
    await call('POST', `/webhooks/${id}/test`, { token });
    const [, one] = await receiver.waitFor('/rotated', 2);
    expect(verify(body.secret, one!)).toBeDefined();
    expect(() => verify(old, one!)).toThrow('No matching signature');
  });
});

describe('a delivery', () => {
  it('is tried again until it is taken, under the same id, and its log tells of each try', async () => {
    let tries = 0;
    receiver.respond = (_received, response) => {
      tries++;
      if (tries === 1) response.destroy();
      else response.writeHead(tries === 2 ? 503 : 204).end(tries === 2 ? 'come\nback later' : undefined);
    };
    const { id, secret } = await register('/retried');
    await upload(call, token, TABLE);
    const delivery = await endedDelivery(id);
    expect(delivery).toMatchObject({ status: 'delivered', next_attempt_at: null });
    expect(delivery.attempts).toMatchObject([
      { number: 1, status_code: null, error: expect.stringMatching(/hang up|closed/), excerpt: null },
      { number: 2, status_code: 503, error: 'HTTP 503', excerpt: 'come back later' },
      { number: 3, status_code: 204, error: null, excerpt: null },
    ]);
    for (const { duration_ms: duration } of delivery.attempts) expect(duration).toBeGreaterThanOrEqual(0);
    for (const received of receiver.received) {
      expect(received.headers['webhook-id']).toBe(delivery.id);
      expect(verify(secret, received)).toEqual(delivery.payload);
    }
  });

  it(
    'that is never taken disables the webhook with the reason, and can be had again',
    { timeout: 60_000 },
    async () => {
      receiver.respond = (_received, response) => response.writeHead(500).end('out of order');
      const { id } = await register('/broken');
      await upload(call, token, TABLE);
      const delivery = await endedDelivery(id);
      expect(delivery).toMatchObject({ status: 'failed', completed_at: expect.stringMatching(/Z$/) });
      expect(delivery.attempts.length).toBeGreaterThan(1);
      const { body: disabled } = await call('GET', `/webhooks/${id}`, { token });
      expect(disabled).toMatchObject({ enabled: false, disabled_reason: expect.stringMatching(/HTTP 500$/) });
      const redeliver = () => call('POST', `/webhooks/deliveries/${delivery.id}/redeliver`, { token });
      expectFailure(await redeliver(), 409, 'conflict');

      receiver.respond = (_received, response) => response.end();
      const enabled = await call('PATCH', `/webhooks/${id}`, { token, json: { enabled: true } });
      expect(enabled.body).toMatchObject({ enabled: true, disabled_reason: null });
      expect((await redeliver()).status).toBe(202);
      expect(await endedDelivery(id)).toMatchObject({ id: delivery.id, status: 'delivered' });
      const last = receiver.received.at(-1)!;
      expect(last.headers['webhook-id']).toBe(delivery.id);
      expect(last.message).toEqual(delivery.payload);
    },
  );

  it('that is answered 410 disables the webhook at once', async () => {
    receiver.respond = (_received, response) => response.writeHead(410).end();
    const { id } = await register('/gone');
    await upload(call, token, TABLE);
    expect((await endedDelivery(id)).attempts).toHaveLength(1);
    const { body } = await call('GET', `/webhooks/${id}`, { token });
    expect(body).toMatchObject({ enabled: false, disabled_reason: 'The receiver answered 410 Gone' });
  });

  it.each([
    ['a redirect, which is not followed', 302, 'HTTP 302'],
    ['no answer in time', null, 'No answer within 0.5 s'],
  ])('fails by %s', async (_case, status, error) => {
    receiver.respond = ({ path }, response) => {
      if (status !== null) response.writeHead(status, { location: `${path}/elsewhere` }).end();
    };
    const { id } = await register('/strange');
    const { body } = await call('POST', `/webhooks/${id}/test`, { token });
    expect(body).toMatchObject({ status: 'failed', attempts: [{ status_code: status, error }] });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/strange']);
    expect((await call('GET', `/webhooks/${id}`, { token })).body.enabled).toBe(true);
  });

  it('reads no more than the beginning of an endless answer', async () => {
    receiver.respond = (_received, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const { id } = await register('/endless');
    const { body } = await call('POST', `/webhooks/${id}/test`, { token });
    expect(body).toMatchObject({ status: 'delivered', attempts: [{ status_code: 200, excerpt: 'x'.repeat(256) }] });
    expect(body.attempts[0].duration_ms).toBeLessThan(500);
  });

  it('is listed in pages, by status', async () => {
    const { id } = await register('/listed');
    for (let i = 0; i < 3; i++) await call('POST', `/webhooks/${id}/test`, { token });
    receiver.respond = (_received, response) => response.writeHead(400).end();
    await call('POST', `/webhooks/${id}/test`, { token });
    const page = await call('GET', `/webhooks/${id}/deliveries?limit=2&status=delivered`, { token });
    expect(page.body).toHaveLength(2);
    expect(page.headers).toMatchObject({ 'x-total-count': '3', link: expect.stringContaining('rel="next"') });
    expect((await call('GET', `/webhooks/${id}/deliveries?status=failed`, { token })).body).toHaveLength(1);
  });
});
