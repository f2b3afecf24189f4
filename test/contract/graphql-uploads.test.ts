import { Readable } from 'node:stream';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Upload } from '../../src/core/datasets/dataset.service.js';
import { type GraphqlDoor, openGraphqlDoor } from '../support/graphql-door.js';

const QUERY = `mutation ($file: File!, $name: String) {
  uploadDataset(file: $file, name: $name) { ... on Dataset { id name } ... on Error { message } }
}`;
const operations = (variables: unknown = { file: null, name: 'People' }) => JSON.stringify({ query: QUERY, variables });
const map = JSON.stringify({ 0: ['variables.file'] });

describe('a GraphQL multipart request', () => {
  let door: GraphqlDoor;
  let address: string;
  let receive: (upload: Upload, signal?: AbortSignal) => Promise<unknown>;

  beforeEach(async () => {
    receive = async ({ stream, filename, details }) => {
      let size = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) size += chunk.length;
      return { id: `${filename} of ${size} bytes`, name: details().name };
    };
    door = await openGraphqlDoor({
      datasets: {
        upload: ((_owner: string, upload: Upload, signal?: AbortSignal) => receive(upload, signal)) as never,
      },
    });
    address = await door.app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => door.app.close());

  const send = async (parts: readonly (readonly [string, string | Blob, string?])[], token: string | null = 'ann') => {
    const form = new FormData();
    for (const [name, value, filename] of parts) {
      if (typeof value === 'string') form.append(name, value);
      else form.append(name, value, filename);
    }
    const response = await fetch(`${address}/graphql`, {
      method: 'POST',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      body: form,
    });
    return { status: response.status, ...((await response.json()) as { data?: any; errors?: any[] }) };
  };
  const file = new Blob(['a,b\n1,2\n']);

  it('uploads the file, with the other variables', async () => {
    const { status, data } = await send([
      ['operations', operations()],
      ['map', map],
      ['0', file, 'people.csv'],
    ]);
    expect(status).toBe(200);
    expect(data.uploadDataset).toEqual({ id: 'people.csv of 8 bytes', name: 'People' });
  });

  it('needs a caller, and still answers when nobody reads the file', async () => {
    const large = new Blob([new Uint8Array(20_000_000)]);
    const { errors } = await send(
      [
        ['operations', operations()],
        ['map', map],
        ['0', large, 'l.csv'],
      ],
      null,
    );
    expect(errors![0].extensions).toMatchObject({ type: 'authentication_error', status_code: 401 });
  });

  it.each([
    [
      'without "map"',
      [
        ['operations', operations()],
        ['0', file, 'x.csv'],
      ],
      'the field "map" before the file',
    ],
    [
      'without "operations"',
      [
        ['map', map],
        ['0', file, 'x.csv'],
      ],
      'the field "operations" before the file',
    ],
    [
      'with broken JSON',
      [
        ['operations', '{'],
        ['map', map],
        ['0', file, 'x.csv'],
      ],
      '"operations" is not JSON',
    ],
    [
      'with a place that the variables lack',
      [
        ['operations', operations({ other: null })],
        ['map', map],
        ['0', file, 'x.csv'],
      ],
      'no null at "variables.file"',
    ],
    [
      'with a place in the prototype',
      [
        ['operations', operations({})],
        ['map', '{"0":["variables.__proto__.file"]}'],
        ['0', file, 'x.csv'],
      ],
      'no null at "variables.__proto__.file"',
    ],
    [
      'with two places for one file',
      [
        ['operations', operations()],
        ['map', '{"0":["variables.file","variables.name"]}'],
        ['0', file, 'x.csv'],
      ],
      'one place among the variables',
    ],
  ] as const)('is refused %s', async (_case, parts, message) => {
    const { status, errors } = await send(parts);
    expect(status).toBe(400);
    expect(errors![0].message).toContain(message);
    expect(errors![0].extensions.type).toBe('bad_request');
    expect(Object.prototype).not.toHaveProperty('file');
  });

  it('without a file is only an operation', async () => {
    const { errors } = await send([
      ['operations', operations()],
      ['map', '{}'],
    ]);
    expect(errors![0].message).toContain('"$file"');
  });

  it('is not held in memory, however large and however slow its reader', async () => {
    const size = 300_000_000;
    const before = process.memoryUsage().rss;
    let peak = 0;
    receive = async ({ stream }) => {
      let received = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        received += chunk.length;
        await new Promise(setImmediate);
        peak = Math.max(peak, process.memoryUsage().rss);
      }
      return { id: String(received), name: 'x' };
    };
    const answer = await sendRaw(address, size);
    expect(answer.data.uploadDataset.id).toBe(String(size));
    expect(peak - before).toBeLessThan(120_000_000);
  });

  it('that breaks off fails the upload', async () => {
    const failed = Promise.withResolvers<unknown>();
    const begun = Promise.withResolvers<void>();
    receive = async ({ stream }, signal) => {
      try {
        for await (const _ of stream) begun.resolve();
      } catch (error) {
        failed.resolve({ error, aborted: signal?.aborted });
        throw error;
      }
      return {};
    };
    const request = openRaw(address, 1_000_000);
    request.on('error', () => {});
    request.write(Buffer.alloc(100_000));
    await begun.promise;
    request.destroy();
    expect(await failed.promise).toMatchObject({ error: expect.any(Error) });
  });
});

const BOUNDARY = 'a-boundary-of-this-test';
const HEAD = [
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${operations()}\r\n`,
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="map"\r\n\r\n${map}\r\n`,
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="0"; filename="x.csv"\r\ncontent-type: text/csv\r\n\r\n`,
].join('');
const TAIL = `\r\n--${BOUNDARY}--\r\n`;

function openRaw(address: string, size: number) {
  const request = httpRequest(`${address}/graphql`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer ann',
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': HEAD.length + size + TAIL.length,
    },
  });
  request.write(HEAD);
  return request;
}

/** Sends a file of zeros without ever having it in memory. */
async function sendRaw(address: string, size: number): Promise<{ data: any }> {
  const request = openRaw(address, size);
  const answer = new Promise<string>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
  });
  const chunk = Buffer.alloc(100_000);
  const body = (function* () {
    for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
    yield TAIL;
  })();
  Readable.from(body).pipe(request);
  return JSON.parse(await answer) as { data: any };
}
