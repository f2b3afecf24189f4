import { createClient, type Client } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { StudioError } from '../../src/core/errors/index.js';
import { Channel } from '../../src/core/events/index.js';
import type { Job } from '../../src/core/jobs/job.entity.js';
import { type GraphqlDoor, openGraphqlDoor } from '../support/graphql-door.js';

const WATCH = 'subscription { generationProgress(generatorId: "g") { generatorId status progress epoch epochs } }';

function state(progress: number, status: Job['status'] = 'running'): Job {
  return { subjectId: 'g', status, progress, epoch: 3, epochs: 10 } as Job;
}

describe('subscriptions', () => {
  let door: GraphqlDoor;
  let address: string;
  let states: Channel<Job>;
  let ended: PromiseWithResolvers<void>;
  const clients: Client[] = [];

  beforeEach(async () => {
    ended = Promise.withResolvers();
    states = new Channel({ capacity: 10, onClose: () => ended.resolve() });
    door = await openGraphqlDoor({
      generators: {
        get: async (_owner, id) => {
          if (id !== 'g') throw new StudioError('resource_not_found', 'Generator not found');
          return { jobId: 'j' } as never;
        },
      },
      jobs: { watch: () => states },
    });
    address = await door.app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await door.app.close();
  });

  const connect = (connectionParams: Record<string, unknown>) => {
    const url = `${address.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
    clients.push(client);
    return client;
  };

  it.each([
    ['connectionParams', { Authorization: 'Bearer ann' }, undefined],
    ['the operation’s extensions, where GraphiQL puts its headers', {}, { headers: { authorization: 'Bearer ann' } }],
  ])('over a WebSocket take the token from %s', async (_case, connectionParams, extensions) => {
    const events = connect(connectionParams).iterate({ query: WATCH, ...(extensions && { extensions }) });
    states.push(state(0.25));
    expect((await events.next()).value.data.generationProgress).toEqual({
      generatorId: 'g',
      status: 'RUNNING',
      progress: 25,
      epoch: 3,
      epochs: 10,
    });
    states.push(state(1, 'completed'));
    states.end();
    expect((await events.next()).value.data.generationProgress.status).toBe('COMPLETED');
    expect((await events.next()).done).toBe(true);
  });

  it('end their source when the reader goes away', async () => {
    const events = connect({ authorization: 'Bearer ann' }).iterate({ query: WATCH });
    states.push(state(0.1));
    await events.next();
    await events.return!();
    await ended.promise;
  });

  it('end their source when the connection breaks', async () => {
    const client = connect({ authorization: 'Bearer ann' });
    const events = client.iterate({ query: WATCH });
    states.push(state(0.1));
    await events.next();
    client.terminate();
    await ended.promise;
  });

  it('tell of what is not there', async () => {
    const events = connect({ authorization: 'Bearer ann' }).iterate({
      query: 'subscription { generationProgress(generatorId: "other") { status } }',
    });
    const { value } = await events.next();
    expect(value.errors[0].extensions).toMatchObject({ type: 'resource_not_found', status_code: 404 });
  });

  it('mask a fault in the middle of the stream', async () => {
    const events = connect({ authorization: 'Bearer ann' }).iterate({ query: WATCH });
    states.push({ subjectId: 'g', progress: 0 } as Job);
    const { value } = await events.next();
    expect(value.errors[0]).toMatchObject({ message: 'Internal server error', path: ['generationProgress', 'status'] });
    expect(door.logged).toHaveLength(1);
  });

  it('tell of an operation that cannot run', async () => {
    const events = connect({ authorization: 'Bearer ann' }).iterate({ query: 'subscription { nothing }' });
    await expect(events.next()).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ type: 'bad_request' }) }),
    ]);
  });

  it('come as server-sent events too, and end with the reader', async () => {
    const reader = new AbortController();
    const response = await fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: 'Bearer ann' },
      body: JSON.stringify({ query: WATCH }),
      signal: reader.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    states.push(state(0.5));
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('"progress":50')) break;
    }
    expect(text).toContain('event: next');
    reader.abort();
    await ended.promise;
  });

  it('are refused over plain JSON', async () => {
    const { status, errors } = await door.post(WATCH);
    expect(status).toBe(400);
    expect(errors![0]!.message).toContain('WebSocket');
  });
});

describe('other ways over HTTP', () => {
  let door: GraphqlDoor;
  beforeEach(async () => {
    door = await openGraphqlDoor({ datasets: { get: async () => ({ id: 'd' }) as never } });
  });
  afterEach(() => door.app.close());
  const get = (query: string, accept = 'application/json') =>
    door.app.inject({ url: `/graphql?query=${encodeURIComponent(query)}`, headers: { accept } });

  it('answer a query by GET', async () => {
    const response = await get('{ __typename }');
    expect(response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('refuse a mutation by GET', async () => {
    const response = await get('mutation { logout }');
    expect(response.statusCode).toBe(405);
    expect(response.json().errors[0].extensions).not.toHaveProperty('http');
  });

  it('give the envelope by GET too', async () => {
    const [error] = (await get('{ nobody }')).json().errors;
    expect(error.extensions).toMatchObject({ type: 'bad_request', request_id: expect.any(String) });
  });

  it('serve GraphiQL to a browser, with nothing from elsewhere and its own policy', async () => {
    const response = await door.app.inject({ url: '/graphql', headers: { accept: 'text/html' } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/html');
    expect(response.headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+'; /);
    expect(response.payload).not.toMatch(/<(script|link|img)[^>]+(src|href)="?https?:/);
  });
});
