import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
let token: string;
let stranger: string;
let datasetId: string;

beforeAll(async () => {
  studio = await startStudio({ listen: true });
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  stranger = await logIn(call, 'stranger@example.com');
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  datasetId = (await upload(call, token, adult.split('\n').slice(0, 2001).join('\n'), 'adult.csv')).body.id;
});
afterAll(() => studio?.close());

interface Message {
  readonly generator_id: string;
  readonly status: string;
  readonly progress: number;
  readonly timestamp: string;
  readonly [key: string]: unknown;
}

/** All messages until the server closes. */
function watch(path: string, headers: Record<string, string> = {}, url = studio.url) {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
  const messages: (Message & { readonly at: number })[] = [];
  return new Promise<{ messages: typeof messages; code: number }>((done, fail) => {
    socket.on('message', (data) => messages.push({ ...(JSON.parse(String(data)) as Message), at: performance.now() }));
    socket.on('close', (code) => done({ messages, code }));
    socket.on('error', fail);
  });
}

async function start(numRows = 20_000): Promise<string> {
  const json = { generator_type: 'gaussian-copula', num_rows: numRows };
  const { body, text } = await call('POST', `/generators/dataset/${datasetId}/generate`, { token, json });
  expect(body?.id, text).toBeDefined();
  return body.id;
}

describe('progress', () => {
  it('goes from the present state to the last one, to the owner with all there is', async () => {
    const id = await start();
    const { messages, code } = await watch(`/ws/generation/${id}`, { authorization: `Bearer ${token}` });
    expect(code).toBe(1000);
    expect(messages.at(-1)).toMatchObject({ status: 'completed', progress: 100 });
    for (const message of messages) {
      const { at: _at, ...sent } = message;
      expect(Object.keys(sent)).toEqual([
        'generator_id',
        'status',
        'progress',
        'phase',
        'epoch',
        'epochs',
        'eta_seconds',
        'metrics',
        'timestamp',
      ]);
      expect(message.generator_id).toBe(id);
      expect(message.timestamp).toMatch(/Z$/);
    }
    const progress = messages.map((message) => message.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(messages.filter(({ status }) => status === 'completed')).toHaveLength(1);
    // Ten a second, and the first at once.
    const seconds = (messages.at(-1)!.at - messages[0]!.at) / 1000;
    expect(messages.length).toBeLessThanOrEqual(2 + seconds * 11);
  });

  it('of a run that has ended is its last state alone', async () => {
    const id = await start(100);
    await ended(call, token, `/generators/${id}`);
    const { messages, code } = await watch(`/api/ws/generation/${id}/?token=${token}`);
    expect(code).toBe(1000);
    expect(messages.map(({ status }) => status)).toEqual(['completed']);
  });

  it('tells anyone who knows the id how far it is, and no more', async () => {
    const id = await start(100);
    const { messages, code } = await watch(`/ws/generation/${id}`);
    expect(code).toBe(1000);
    for (const { at: _at, ...message } of messages) {
      expect(Object.keys(message)).toEqual(['generator_id', 'status', 'progress', 'timestamp']);
    }
  });

  it.each([
    ['an unknown id', () => '/ws/generation/0190a0b0-0000-7000-8000-000000000000', 4404],
    ['a malformed id', () => '/ws/generation/no-id', 4404],
    ['an unknown id, with a token', () => `/ws/generation/no-id?token=${token}`, 4404],
    ['a bad token', () => '/ws/generation/no-id?token=bad', 4401],
  ])('closes at once for %s', async (_what, path, expected) => {
    expect(await watch(path())).toEqual({ messages: [], code: expected });
  });

  it("says the same of another's run as of none", async () => {
    const id = await start(100);
    expect(await watch(`/ws/generation/${id}?token=${stranger}`)).toEqual({ messages: [], code: 4404 });
    expect(await watch(`/ws/generation/${id}`, { authorization: 'Bearer bad' })).toEqual({ messages: [], code: 4401 });
    expect(await watch(`/ws/generation/${id}`, { authorization: 'Basic bad' })).toEqual({ messages: [], code: 4401 });
  });

  it('reaches two hundred readers of one run', async () => {
    const id = await start();
    const readers = await Promise.all(Array.from({ length: 200 }, () => watch(`/ws/generation/${id}`)));
    for (const { messages, code } of readers) {
      expect(code).toBe(1000);
      expect(messages.at(-1)).toMatchObject({ status: 'completed', progress: 100 });
    }
  });

  it('tells of a cancelled run that it was', async () => {
    const id = await start(100_000);
    const watching = watch(`/ws/generation/${id}?token=${token}`);
    await call('POST', `/generators/${id}/cancel`, { token });
    expect((await watching).messages.at(-1)).toMatchObject({ status: 'cancelled' });
  });

  it('is no page', async () => {
    expectFailure(await call('GET', '/ws/generation/no-id'), 400, 'bad_request');
  });

  it('needs a token where the studio says so, whether the id is known or not', async () => {
    const closed = await startStudio({ listen: true, env: { WS_ANONYMOUS_PROGRESS: 'false' } });
    try {
      const own = await logIn(createRestClient(closed), 'owner@example.com');
      expect((await watch('/ws/generation/no-id', {}, closed.url)).code).toBe(4401);
      expect((await watch(`/ws/generation/no-id?token=${own}`, {}, closed.url)).code).toBe(4404);
    } finally {
      await closed.close();
    }
  });
});
