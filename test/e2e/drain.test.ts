import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, Program } from '../support/program.js';

const rows = Array.from({ length: 2000 }, (_, i) => `${20 + (i % 60)},${i % 2 === 0 ? 'London' : 'Paris'}\n`).join('');
const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\nage,city\n';
const tail = '\r\n--b--\r\n';

/** An upload of which the server has the head alone. */
async function beginUpload(
  url: string,
  token: string,
): Promise<{ readonly sending: ClientRequest; readonly answer: Promise<number> }> {
  const answer = Promise.withResolvers<number>();
  const sending = request(`${url}/datasets/upload`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'multipart/form-data; boundary=b',
      expect: '100-continue',
    },
  });
  sending.on('response', (response) => {
    response.resume();
    answer.resolve(response.statusCode!);
  });
  sending.on('error', answer.reject);
  sending.flushHeaders();
  await new Promise((resolve) => sending.once('continue', resolve));
  sending.write(head);
  return { sending, answer: answer.promise };
}

describe('the end of the studio', () => {
  let dataDir: string;
  let program: Program | undefined;
  let client: Client;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'studio-drain-'));
    await start();
  });
  afterEach(async () => {
    await program?.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    program = await Program.start({ dataDir });
    client = await new Client(program.url).register();
  }

  const token = async () =>
    (await client.call('POST', '/auth/login', { email: client.email, password: client.password })).access_token;

  it('lets an upload that is under way end, takes no new connection, and gives a training back', async () => {
    const { body: dataset } = await client.upload(`age,city\n${rows}`);
    const config = { epochs: 100_000 };
    const { generator_id: id } = await client.call('POST', `/generators/dataset/${dataset.id}/generate`, { config });
    const { sending, answer } = await beginUpload(program!.url, await token());
    while (program!.trainers().length === 0) await setTimeout(10);
    const asked = Date.now();
    program!.child.kill('SIGTERM');
    await setTimeout(700);
    await expect(fetch(`${program!.url}/health/live`)).rejects.toThrow('fetch failed');
    sending.end(rows + tail);
    expect(await answer).toBe(201);
    expect(await program!.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - asked).toBeLessThan(5000);

    await start();
    expect(await client.call('GET', '/datasets/')).toHaveLength(2);
    while ((await client.call('GET', `/generators/${id}`)).status !== 'running') await setTimeout(20);
    await client.call('POST', `/generators/${id}/cancel`, {});
    expect(await client.ended(`/generators/${id}`)).toMatchObject({ status: 'cancelled' });
  }, 60_000);

  it('comes within 5 s, whatever is under way', async () => {
    const { sending, answer } = await beginUpload(program!.url, await token());
    const cut = expect(answer).rejects.toThrow('socket hang up');
    await setTimeout(200);
    const asked = Date.now();
    program!.child.kill('SIGTERM');
    await program!.exited;
    expect(Date.now() - asked).toBeLessThan(5000);
    await cut;
    sending.destroy();
    await start();
    expect(await client.call('GET', '/datasets/')).toEqual([]);
  });
});
