import { expect } from 'vitest';
import { createAnswerCheck } from './documented.js';
import type { TestStudio } from './studio.js';

export interface Answer<T = any> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: T;
  readonly text: string;
}

export interface Sent {
  readonly token?: string | undefined;
  readonly json?: unknown;
  /** A body as it is, with its type in `headers`. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests through the real server, in this process and without a port; every answer must be as documented. */
export function createRestClient({ app }: TestStudio) {
  let check: ReturnType<typeof createAnswerCheck> | undefined;
  return async function call<T = any>(method: string, url: string, sent: Sent = {}): Promise<Answer<T>> {
    const payload = sent.json === undefined ? sent.raw : JSON.stringify(sent.json);
    const response = await app.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(sent.token !== undefined && { authorization: `Bearer ${sent.token}` }),
        ...(sent.json !== undefined && { 'content-type': 'application/json' }),
        ...sent.headers,
      },
      ...(payload !== undefined && { payload }),
    });
    check ??= createAnswerCheck((await app.inject('/openapi.json')).json());
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    const body = (isJson && response.body !== '' ? JSON.parse(response.body) : undefined) as T;
    check(method, url, response.statusCode, body);
    return {
      status: response.statusCode,
      headers: response.headers as Record<string, string>,
      text: response.body,
      body,
    };
  };
}

export type RestClient = ReturnType<typeof createRestClient>;

/** A new account and its access token. */
export async function logIn(call: RestClient, email: string, password = 'secure-password'): Promise<string> {
  await call('POST', '/auth/register', { json: { email, password } });
  const { status, body } = await call('POST', '/auth/login', { json: { email, password } });
  expect(status).toBe(200);
  return body.access_token as string;
}

export function form(parts: readonly { name: string; value: string | Buffer; filename?: string }[]) {
  const boundary = 'boundary-of-the-tests';
  const chunks = parts.flatMap(({ name, value, filename }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n`,
    ),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return {
    raw: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

export async function upload(call: RestClient, token: string, value: string | Buffer, filename = 'table.csv') {
  return call('POST', '/datasets/upload', { token, ...form([{ name: 'file', value, filename }]) });
}

/** The resource at an address, once its work has ended. */
export async function ended(call: RestClient, token: string, url: string) {
  for (;;) {
    const { body } = await call('GET', url, { token });
    if (['completed', 'failed', 'cancelled'].includes(body.status)) return body;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Every failure has the one envelope. */
export function expectFailure(answer: Answer, status: number, type: string): void {
  expect(answer.body).toMatchObject({ type, status_code: status });
  expect(answer.status).toBe(status);
  const { errors, ...envelope } = answer.body;
  expect(Object.keys(envelope).toSorted()).toEqual(['detail', 'request_id', 'status_code', 'timestamp', 'type']);
  expect(envelope.detail).toEqual(expect.any(String));
  expect(envelope.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(envelope.request_id).toBe(answer.headers['x-request-id']);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  if (type === 'validation_error') expect(errors.length).toBeGreaterThan(0);
  else expect(errors).toBeUndefined();
}
