import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { IdempotencyService } from '../../src/core/idempotency/idempotency.service.js';
import { createRestClient, expectFailure, form, logIn, type RestClient, type Sent } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const ROWS = Array.from({ length: 60 }, (_, i) => `${20 + i},${i % 2 === 0 ? 'Oslo' : 'Rome'}`).join('\n');
const TABLE = `age,city\n${ROWS}\n`;

let studio: TestStudio;
let call: RestClient;
let ann: string;
beforeEach(async () => {
  studio = await startStudio({ env: { STUDIO_ROLE: 'api' } });
  call = createRestClient(studio);
  ann = await logIn(call, 'ann@example.com');
});
afterEach(() => studio?.close());

const withKey = (key: string, sent: Sent = {}): Sent => ({
  token: ann,
  ...sent,
  headers: { ...sent.headers, 'idempotency-key': key },
});

/** With a boundary of its own, as clients make it. */
function uploadOf(content: string, key: string, boundary = 'one', name = 'people') {
  const { raw, headers } = form([
    { name: 'name', value: name },
    { name: 'file', value: content, filename: 'table.csv' },
  ]);
  const body = Buffer.from(raw.toString().replaceAll('boundary-of-the-tests', boundary));
  const type = headers['content-type'].replace('boundary-of-the-tests', boundary);
  return call('POST', '/datasets/upload', withKey(key, { raw: body, headers: { 'content-type': type } }));
}
const datasets = async (token = ann): Promise<unknown[]> => (await call('GET', '/datasets', { token })).body;

describe('an Idempotency-Key', () => {
  it('makes an upload once, whatever its boundary, and gives the first answer again', async () => {
    const first = await uploadOf(TABLE, 'k');
    const second = await uploadOf(TABLE, 'k', 'another-boundary');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect([first, second].map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true']);
    expect(second.headers['content-type']).toMatch(/^application\/json/);
    expect(await datasets()).toHaveLength(1);
  });

  it('is refused with another request: another file, field, body or path', async () => {
    const { body: dataset } = await uploadOf(TABLE, 'k');
    for (const other of [await uploadOf(`${TABLE}99,Bonn\n`, 'k'), await uploadOf(TABLE, 'k', 'one', 'others')]) {
      expectFailure(other, 422, 'validation_error');
      expect(other.body.errors[0].field).toBe('Idempotency-Key');
    }
    const generate = (json: object, id = dataset.id) =>
      call(
        'POST',
        `/generators/dataset/${id}/generate`,
        withKey('g', { json: { generator_type: 'independent', ...json } }),
      );
    const run = await generate({ seed: 1 });
    expect((await generate({ seed: 1 })).body).toEqual(run.body);
    expectFailure(await generate({ seed: 2 }), 422, 'validation_error');
    expectFailure(await generate({ seed: 1 }, 'another'), 422, 'validation_error');
    expect((await call('GET', '/generators', { token: ann })).body).toHaveLength(1);
  });

  it('has an effect once when the same request comes many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => uploadOf(TABLE, 'k')));
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expectFailure(answer, 409, 'conflict');
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    expect(await datasets()).toHaveLength(1);
  });

  it('is each user’s own, and each route’s', async () => {
    const bob = await logIn(call, 'bob@example.com');
    await uploadOf(TABLE, 'k');
    const { raw, headers } = form([{ name: 'file', value: TABLE, filename: 'table.csv' }]);
    const theirs = await call('POST', '/datasets/upload', withKey('k', { token: bob, raw, headers }));
    expect([theirs.status, theirs.headers['idempotent-replayed']]).toEqual([201, undefined]);
    const json = { name: 'key', scopes: ['read'] };
    expect((await call('POST', '/auth/api-keys', withKey('k', { json }))).status).toBe(201);
  });

  it('makes an account once, without a login', async () => {
    const json = { email: 'new@example.com', password: 'secure-password' };
    const register = () => call('POST', '/auth/register', withKey('k', { token: undefined, json }));
    const [first, second] = [await register(), await register()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  it('may be sent again after a request that failed and changed nothing', async () => {
    expectFailure(await uploadOf('', 'k'), 422, 'validation_error');
    expect((await uploadOf(TABLE, 'k')).status).toBe(201);
  });

  it('must be visible text of a sensible length', async () => {
    for (const key of ['a b', 'x'.repeat(256)]) {
      const json = { name: 'key', scopes: ['read'] };
      const refused = await call('POST', '/auth/api-keys', withKey(key, { json }));
      expectFailure(refused, 422, 'validation_error');
      expect(refused.body.errors[0].field).toBe('Idempotency-Key');
    }
  });

  it('may stand in quotes, as the draft has it', async () => {
    const first = await uploadOf(TABLE, '"k"');
    expect((await uploadOf(TABLE, 'k')).text).toBe(first.text);
  });

  it('is documented on each route that creates something, and on no other', async () => {
    const { body } = await call('GET', '/openapi.json');
    for (const [path, operations] of Object.entries<any>(body.paths)) {
      for (const [method, operation] of Object.entries<any>(operations)) {
        const creates = method === 'post' && '201' in operation.responses;
        const named = operation.parameters.some(({ name }: { name: string }) => name === 'Idempotency-Key');
        expect([method, path, named]).toEqual([method, path, creates]);
      }
    }
  });
});

describe('what is kept', () => {
  let dataSource: DataSource;
  beforeEach(() => {
    dataSource = studio.container.resolve(DATA_SOURCE);
  });

  it('holds no secret of an answer in the clear', async () => {
    const json = { name: 'key', scopes: ['read'] };
    const create = () => call('POST', '/auth/api-keys', withKey('k', { json }));
    const first = await create();
    const rows: unknown[] = await dataSource.query('SELECT * FROM idempotent_request');
    expect(rows).toHaveLength(1);
    const secret = Object.values<unknown>(first.body)
      .map(String)
      .find((text) => text.length > 40 && text.startsWith('sds_'))!;
    expect(secret).toBeDefined();
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect((await create()).body).toEqual(first.body);
  });

  it('tells after a crash whether the first request had its effect', async () => {
    const { body } = await uploadOf(TABLE, 'done');
    // As a kill between the commit and the answer leaves it, and one before the commit.
    await dataSource.query('UPDATE idempotent_request SET status = NULL, fingerprint = NULL, body = NULL');
    await studio.container.resolve(IdempotencyService).recover();
    const lost = await uploadOf(TABLE, 'done');
    expectFailure(lost, 409, 'conflict');
    expect(lost.body.detail).toContain('has had its effect');
    expect(await datasets()).toMatchObject([{ id: body.id }]);

    await dataSource.query('DELETE FROM idempotent_effect');
    await studio.container.resolve(IdempotencyService).recover();
    expect((await uploadOf(TABLE, 'done')).status).toBe(201);
  });

  it('is kept for a day', async () => {
    await uploadOf(TABLE, 'k');
    const [{ left }] = await dataSource.query(
      `SELECT (expiresAt - ${Date.now()}) / 3600000.0 AS "left" FROM idempotent_request`,
    );
    expect(left).toBeGreaterThan(23.9);
    expect(left).toBeLessThanOrEqual(24);
    await dataSource.query('UPDATE idempotent_request SET expiresAt = 1');
    const again = await uploadOf(TABLE, 'k');
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, undefined]);
    expect(await datasets()).toHaveLength(2);
  });
});
