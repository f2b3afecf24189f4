import type { LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { HostResolver } from '../../src/core/webhooks/host-resolver.js';
import { Webhook } from '../../src/core/webhooks/webhook.entity.js';
import { NameServer } from '../support/name-server.js';
import { createRestClient, expectFailure, logIn, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

let studio: TestStudio;
let call: RestClient;
let token: string;
let receiver: WebhookReceiver;

async function start(env: Record<string, string> = {}) {
  studio = await startStudio({ env });
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  receiver = await WebhookReceiver.open();
}
afterEach(async () => {
  await studio?.close();
  await receiver?.[Symbol.asyncDispose]();
});

const asAddress = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 });

/** What names stand for, one answer after the other; the last one stays. */
function resolveTo(...answers: readonly (readonly string[])[]) {
  const left = [...answers];
  return vi
    .spyOn(studio.container.resolve(HostResolver), 'resolve')
    .mockImplementation(async () => (left.length > 1 ? left.shift()! : left[0]!).map(asAddress));
}

const register = (url: string) =>
  call('POST', '/webhooks/register', { token, json: { url, events: ['dataset.created'] } });

describe('without leave for private addresses', () => {
  beforeEach(() => start());

  it('refuses every spelling of an address that is not public, and names that stand for one', async () => {
    for (const host of [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '169.254.169.254',
      '172.31.255.255',
      '192.168.0.1',
      '168.63.129.16',
      '224.0.0.1',
      '255.255.255.255',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:8.8.8.8]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[2001:0:1::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[fe80::1]',
      '[ff02::1]',
      'localhost',
      'LOCALHOST.',
    ]) {
      const answer = await register(`http://${host}:${receiver.port}/`);
      expectFailure(answer, 422, 'validation_error');
      expect(answer.body.errors).toEqual([
        { field: 'url', message: 'Must lead to a public address', code: 'invalid_choice' },
      ]);
    }
    resolveTo(['10.0.0.8'], ['93.184.215.14', '192.168.1.1']);
    expectFailure(await register('https://inside.example/'), 422, 'validation_error');
    expectFailure(await register('https://half.example/'), 422, 'validation_error');
    const change = { url: 'http://127.0.0.1/' };
    resolveTo(['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']);
    const { status, body } = await register('https://outside.example/');
    expect(status).toBe(201);
    expectFailure(await call('PATCH', `/webhooks/${body.id}`, { token, json: change }), 422, 'validation_error');
  });

  it('does not connect to a name that has moved inside since it was registered', async () => {
    await using names = await NameServer.open();
    names.answers = [['93.184.215.14'], ['127.0.0.1']];
    studio.container.resolve(HostResolver).dns.setServers([names.address]);
    const { status, body: webhook } = await register(`http://rebound.example:${receiver.port}/`);
    expect([status, names.asked]).toEqual([201, 1]);
    const { body } = await call('POST', `/webhooks/${webhook.id}/test`, { token });
    expect(body).toMatchObject({
      status: 'failed',
      attempts: [{ status_code: null, error: 'Refused: not a public address' }],
    });
    expect(names.asked).toBe(2);
    expect(receiver.received).toEqual([]);
    names.answers = [['93.184.215.14', '192.168.0.1']];
    expectFailure(await register('https://half.example/'), 422, 'validation_error');
  });

  it('does not connect to an address that was registered when it was allowed', async () => {
    resolveTo(['93.184.215.14']);
    const { body: webhook } = await register('http://outside.example/');
    const row = { url: `http://127.0.0.1:${receiver.port}/` };
    await studio.container.resolve(DATA_SOURCE).manager.update(Webhook, webhook.id, row);
    const { body } = await call('POST', `/webhooks/${webhook.id}/test`, { token });
    expect(body.attempts).toMatchObject([{ status_code: null, error: 'Refused: not a public address' }]);
    expect(receiver.received).toEqual([]);
  });

  it('takes a name that nobody knows, and says so when it is called', async () => {
    vi.spyOn(studio.container.resolve(HostResolver), 'resolve').mockRejectedValue(new Error('getaddrinfo ENOTFOUND'));
    const { status, body: webhook } = await register('https://soon.example/');
    expect(status).toBe(201);
    const { body } = await call('POST', `/webhooks/${webhook.id}/test`, { token });
    expect(body.attempts).toMatchObject([{ status_code: null, error: 'getaddrinfo ENOTFOUND' }]);
  });
});

const pem = (name: string) => readFile(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

describe('with leave for private addresses', () => {
  it('trusts a certificate for the name that was registered alone', async () => {
    await start({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    const cert = await pem('certificate');
    await using secure = await WebhookReceiver.open({ key: await pem('key'), cert });
    resolveTo(['127.0.0.1']);
    const tried = async (host: string) => {
      const { body: webhook } = await register(`https://${host}:${secure.port}/`);
      return (await call('POST', `/webhooks/${webhook.id}/test`, { token })).body.attempts[0];
    };
    expect(await tried('receiver.example')).toMatchObject({ error: expect.stringMatching(/^self-signed certificate/) });
    setDefaultCACertificates([...getCACertificates(), cert]);
    expect(await tried('receiver.example')).toMatchObject({ error: null, status_code: 200 });
    expect(await tried('other.example')).toMatchObject({
      error: expect.stringContaining("not in the cert's altnames"),
    });
    expect(secure.received).toHaveLength(1);
  });

  it('looks a name up once for each connection, and connects to what it found', async () => {
    await start({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    const resolve = resolveTo(['127.0.0.1']);
    const { body: webhook } = await register(`http://inside.example:${receiver.port}/here`);
    const { body } = await call('POST', `/webhooks/${webhook.id}/test`, { token });
    expect(body.status).toBe('delivered');
    expect(resolve).toHaveBeenCalledTimes(1);
    const [received] = await receiver.waitFor('/here');
    expect(received!.headers.host).toBe(`inside.example:${receiver.port}`);
  });
});
