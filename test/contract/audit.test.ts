import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { WebSocket } from 'ws';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { AuditRetention } from '../../src/core/audit/audit-retention.js';
import { AuditTrail } from '../../src/core/audit/audit-trail.js';
import { createRestClient, expectFailure, form, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const TABLE = 'age,city\n31,Oslo\n42,Rome\n';
const ADMIN = { email: 'admin@example.com', password: 'an-administrator' };
const SECRET = 'secret-that-stays-out';

let studio: TestStudio;
let call: RestClient;
let ann: string;
beforeEach(async () => {
  studio = await startStudio({ listen: true, env: { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password } });
  call = createRestClient(studio);
  ann = await logIn(call, 'ann@example.com');
});
afterEach(() => studio?.close());

const graphql = (query: string, token?: string, variables?: object) =>
  call('POST', '/graphql', { json: { query, variables }, token });
const admin = async () => (await call('POST', '/auth/login', { json: ADMIN })).body.access_token as string;
const entries = async (token: string, search = '') => (await call('GET', `/audit-logs${search}`, { token })).body;
const actions = async (token: string, search = '') =>
  (await entries(token, search)).map((entry: any) => `${entry.action} ${entry.details.status_code}`);

describe('the audit trail', () => {
  it('has an entry for each request that was let in, with who, what, whence, how it ended and how long it took', async () => {
    const { body: dataset } = await upload(call, ann, TABLE);
    await call('GET', `/api/datasets/${dataset.id}/?x=1`, { token: ann, headers: { 'user-agent': 'a test' } });
    await call('GET', '/datasets/none', { token: ann });
    await call('DELETE', `/datasets/${dataset.id}`, { token: ann });
    const [removed, missing, read, uploaded, login, register] = await entries(ann);
    const { body: me } = await call('GET', '/auth/me', { token: ann });
    const path = `/datasets/${dataset.id}`;
    expect(read).toEqual({
      sequence: expect.any(Number),
      timestamp: expect.stringMatching(/Z$/),
      user_id: me.id,
      action: `GET ${path}`,
      resource: path,
      details: { status_code: 422, duration: expect.any(Number), user_agent: 'a test' },
      ip_address: '127.0.0.1',
      user_agent: 'a test',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(read.details.duration).toBeGreaterThan(0);
    expect(read.details.duration).toBeLessThan(30);
    const told = [removed, missing, uploaded, login, register].map((e) => [e.action, e.details.status_code, e.user_id]);
    expect(told).toEqual([
      [`DELETE ${path}`, 204, me.id],
      ['GET /datasets/none', 404, me.id],
      ['POST /datasets/upload', 201, me.id],
      ['POST /auth/login', 200, me.id],
      ['POST /auth/register', 201, me.id],
    ]);
  });

  it('tells of operations through GraphQL by their root fields and ids, compiled or not, and of how they ended', async () => {
    const { body: dataset } = await upload(call, ann, TABLE);
    const query = 'query Harmless($id: ID!) { one: dataset(id: $id) { name } datasets(first: 1) { totalCount } }';
    for (let i = 0; i < 4; i++) await graphql(query, ann, { id: dataset.id });
    await graphql('mutation ($id: ID!) { deleteDataset(id: $id) { __typename } }', ann, { id: dataset.id });
    await graphql('mutation { deleteDataset(id: "none") { __typename } }', ann);
    await graphql('{ __schema { queryType { name } } }', ann);
    const client = createClient({
      url: `${studio.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Bearer ${ann}` },
    });
    await client.iterate({ query: '{ me { email } }' }).next();
    await client.dispose();
    await fetch(`${studio.url}/graphql?query={me{id}}`, { headers: { authorization: `Bearer ${ann}` } });

    const told = await entries(ann);
    expect(told.slice(0, 8).map((e: any) => [e.action, e.resource, e.details.status_code])).toEqual([
      ['QUERY me', '/graphql/me', 200],
      ['QUERY me', '/graphql/me', 200],
      ['MUTATION deleteDataset', '/graphql/deleteDataset/none', 404],
      ['MUTATION deleteDataset', `/graphql/deleteDataset/${dataset.id}`, 200],
      ...Array.from({ length: 4 }, () => [
        'QUERY dataset, datasets',
        `/graphql/dataset/${dataset.id}, /graphql/datasets`,
        200,
      ]),
    ]);
  });

  it('tells of logins that fail, through either door, and whose account was tried', async () => {
    await call('POST', '/auth/login', { json: { email: 'ann@example.com', password: 'wrong' } });
    await graphql('mutation { login(input: { email: "ann@example.com", password: "wrong" }) { __typename } }');
    await call('POST', '/auth/login', { json: { email: 'nobody@example.com', password: 'wrong' } });
    await graphql('{ me { id } }', 'a bad token');
    expect((await actions(ann)).slice(0, 2)).toEqual(['MUTATION login 401', 'POST /auth/login 401']);
    const all = await entries(await admin());
    expect(all.filter((e: any) => e.user_id === null).map((e: any) => [e.action, e.details.status_code])).toEqual([
      ['QUERY me', 401],
      ['POST /auth/login', 401],
    ]);
  });

  it('is each user’s own, and all of it an administrator’s', async () => {
    const bob = await logIn(call, 'bob@example.com');
    const { body: me } = await call('GET', '/auth/me', { token: ann });
    expect(new Set((await entries(bob)).map((e: any) => e.user_id))).not.toContain(me.id);
    expectFailure(await call('GET', `/audit-logs?user_id=${me.id}`, { token: bob }), 403, 'permission_denied');
    const list = '{ auditLog(first: 3, filter: { userId: "ID" }) { edges { node { userId } } } }'.replace('ID', me.id);
    expect((await graphql(list, bob)).body.errors[0].extensions.type).toBe('permission_denied');
    const root = await admin();
    expect(await actions(root, `?user_id=${me.id}`)).toContain('GET /auth/me 200');
    expect((await graphql(list, root)).body.data.auditLog.edges).toHaveLength(3);
    expectFailure(await call('GET', '/audit-logs'), 401, 'authentication_error');
    expectFailure(await call('GET', '/audit-logs/verify', { token: ann }), 403, 'permission_denied');
  });

  it('is searched by action, resource and time, and paged', async () => {
    const { body: dataset } = await upload(call, ann, TABLE);
    const between = new Date().toISOString();
    await call('GET', `/datasets/${dataset.id}`, { token: ann });
    await graphql(`{ dataset(id: "${dataset.id}") { name } }`, ann);
    expect(await actions(ann, `?resource=${dataset.id}`)).toEqual([
      'QUERY dataset 200',
      `GET /datasets/${dataset.id} 200`,
    ]);
    expect(await actions(ann, '?resource=%25')).toEqual([]);
    expect(await actions(ann, '?action=POST%20/datasets/upload')).toEqual(['POST /datasets/upload 201']);
    expect(await actions(ann, `?to=${between}`)).toContain('POST /datasets/upload 201');
    expect(await actions(ann, `?from=${between}`)).not.toContain('POST /datasets/upload 201');
    const page = await call('GET', '/audit-logs?limit=2&offset=1', { token: ann });
    expect(page.body).toHaveLength(2);
    expect(page.headers['link']).toContain('offset=3');
    const query = 'query ($after: String) { auditLog(first: 2, after: $after) { edges { cursor node { sequence } } } }';
    const first = (await graphql(query, ann)).body.data.auditLog.edges;
    const next = (await graphql(query, ann, { after: first[1].cursor })).body.data.auditLog.edges;
    expect(next[0].node.sequence).toBeLessThan(first[1].node.sequence);
  });

  it('holds no secret: no token, no password, nothing of an address’s parameters', async () => {
    await call('POST', '/auth/login', { json: { email: 'ann@example.com', password: SECRET } });
    await call('GET', `/datasets?token=${SECRET}`, { token: ann });
    await call('POST', '/auth/change-password', {
      token: ann,
      json: { current_password: SECRET, new_password: SECRET },
    });
    await graphql(`mutation { login(input: { email: "x@example.com", password: "${SECRET}" }) { __typename } }`);
    await graphql(`mutation { refresh(refreshToken: "${SECRET}") { __typename } }`);
    await new Promise((done) => {
      new WebSocket(`${studio.url.replace('http', 'ws')}/ws/generation/none?token=${ann}`).once('close', done);
    });
    const text = JSON.stringify(await entries(await admin(), '?limit=1000'));
    expect(text).toContain('MUTATION refresh');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(ann);
  });

  it('leaves out what the limits refuse', async () => {
    await studio.close();
    studio = await startStudio({ env: { RATE_LIMIT_PER_MINUTE: '3' } });
    call = createRestClient(studio);
    ann = await logIn(call, 'ann@example.com');
    for (let i = 0; i < 2; i++) await call('GET', '/auth/me', { token: ann });
    const told = await actions(ann);
    expect((await call('GET', '/auth/me', { token: ann })).status).toBe(429);
    expect(told).toEqual(['GET /auth/me 200', 'GET /auth/me 200', 'POST /auth/login 200', 'POST /auth/register 201']);
  });
});

describe('the chain', () => {
  let dataSource: DataSource;
  let root: string;
  beforeEach(async () => {
    dataSource = studio.container.resolve(DATA_SOURCE);
    for (let i = 0; i < 6; i++) await call('GET', '/auth/me', { token: ann });
    root = await admin();
  });

  const verify = async () => (await call('GET', '/audit-logs/verify', { token: root })).body;

  // UTF-8 has no halves of surrogate pairs: the database keeps another text than was given.
  it.each([
    ['half a character', '\ud83d'],
    ['a character where a long text is cut', `x${'😀'.repeat(500)}`],
    ['a zero character', 'a\0b'],
  ])('holds over an id with %s', async (_what, id) => {
    await graphql('query ($id: ID!) { dataset(id: $id) { name } }', ann, { id });
    expect(await verify()).toMatchObject({ valid: true });
  });

  it('holds while it grows, and says where it ends', async () => {
    const { body: before } = await call('GET', '/audit-logs/verify', { token: root });
    expect(before).toEqual({
      valid: true,
      problem: null,
      entries: 9,
      pruned_entries: 0,
      head_hash: (await entries(root))[1].hash,
    });
    const reports = await Promise.all(Array.from({ length: 20 }, verify));
    expect(reports.map(({ problem }) => problem)).toEqual(reports.map(() => null));
  });

  it.each([
    ['an altered entry', [`UPDATE audit_entry SET status = 403 WHERE sequence = 4`], /^Entry 4 was altered/],
    ['an altered time', [`UPDATE audit_entry SET time = time - 1 WHERE sequence = 4`], /^Entry 4 was altered/],
    ['a removed entry', ['DELETE FROM audit_entry WHERE sequence = 4'], /^Entry 4 is missing/],
    [
      'a removed entry whose gap was closed',
      [
        'DELETE FROM audit_entry WHERE sequence = 4',
        'UPDATE audit_entry SET sequence = sequence - 1 WHERE sequence > 4',
      ],
      /^Entry 4 was altered/,
    ],
    [
      'entries that changed places',
      [
        'UPDATE audit_entry SET sequence = -4 WHERE sequence = 4',
        'UPDATE audit_entry SET sequence = 4 WHERE sequence = 5',
        'UPDATE audit_entry SET sequence = 5 WHERE sequence = -4',
      ],
      /^Entry 4 was altered/,
    ],
    [
      'a tail that was cut off, and the end moved',
      [
        'DELETE FROM audit_entry WHERE sequence > 5',
        `UPDATE audit_head SET sequence = 5, hash = (SELECT hash FROM audit_entry WHERE sequence = 5)`,
      ],
      /^The record of where the chain ends was altered/,
    ],
    [
      'a tail that was cut off',
      ['DELETE FROM audit_entry WHERE sequence > 5'],
      /^Entries 6 to \d+ are missing at the end/,
    ],
    ['an end that is gone', ['DELETE FROM audit_head'], /^The record of where the chain ends is missing/],
    [
      'entries that were put in at the end',
      [
        `INSERT INTO audit_entry SELECT sequence + 1, time, userId, action, resource, status, durationMs, address,
           userAgent, requestId, hash FROM audit_entry ORDER BY sequence DESC LIMIT 1`,
      ],
      /^(Entries after \d+ were put in at the end|Entry \d+ was altered)/,
    ],
    [
      'that all of it was written anew',
      ['DELETE FROM audit_entry', 'DELETE FROM audit_head'],
      /^Entries 1 to \d+ were removed/,
    ],
  ])('shows %s', async (_what, statements, problem) => {
    await studio.container.resolve(AuditTrail).flush();
    for (const statement of statements) await dataSource.query(statement);
    const report = await verify();
    expect(report.valid).toBe(false);
    expect(report.problem).toMatch(problem);
    const { body } = await graphql('{ auditReport { valid problem } }', root);
    expect(body.data.auditReport.valid).toBe(false);
  });
});

describe('entries older than AUDIT_RETENTION_DAYS', () => {
  const DAYS = 30;
  const LATER = DAYS * 86_400_000;
  let dataSource: DataSource;
  let root: string;
  let between: number;
  beforeEach(async () => {
    await studio.close();
    const env = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, AUDIT_RETENTION_DAYS: String(DAYS) };
    studio = await startStudio({ env });
    call = createRestClient(studio);
    ann = await logIn(call, 'ann@example.com');
    for (let i = 0; i < 4; i++) await call('GET', '/auth/me', { token: ann });
    await new Promise((done) => setTimeout(done, 5));
    between = Date.now();
    root = await admin();
    await studio.container.resolve(AuditTrail).flush();
    dataSource = studio.container.resolve(DATA_SOURCE);
  });

  /** What is removed once an entry of the time between is as old as is kept. */
  const prune = (now = between + LATER) => studio.container.resolve(AuditRetention).prune(now);
  const verify = async () => (await call('GET', '/audit-logs/verify', { token: root })).body;

  it('are removed, the chain holds on, and an entry tells of it', async () => {
    expect(await prune(between)).toBe(0);
    expect(await prune()).toBe(6);
    expect(await prune()).toBe(0);
    const told = (await entries(root)).map((e: any) => [e.sequence, e.user_id === null, e.action, e.resource]);
    expect(told).toEqual([
      [8, true, 'RETENTION', '/audit-logs/1-6'],
      [7, false, 'POST /auth/login', '/auth/login'],
    ]);
    expect(await verify()).toMatchObject({ valid: true, entries: 3, pruned_entries: 6 });
    const { body } = await graphql('{ auditReport { valid prunedEntries } }', root);
    expect(body.data.auditReport).toEqual({ valid: true, prunedEntries: 6 });
    expect(await prune(Date.now() + 2 * LATER)).toBeGreaterThan(0);
    expect(await verify()).toMatchObject({ valid: true });
  });

  it.each([
    ['more was removed than was too old', ['DELETE FROM audit_entry WHERE sequence = 7'], /^Entry 7 is missing/],
    [
      'the beginning was moved by hand',
      [
        'UPDATE audit_start SET sequence = 7, hash = (SELECT hash FROM audit_entry WHERE sequence = 7)',
        'DELETE FROM audit_entry WHERE sequence = 7',
      ],
      /^The record of where the chain begins was altered/,
    ],
    ['the beginning is gone', ['DELETE FROM audit_start'], /^Entry 1 is missing/],
    ['an entry that stayed was altered', ['UPDATE audit_entry SET status = 1 WHERE sequence = 7'], /^Entry 7 was alt/],
  ])('show when %s', async (_what, statements, problem) => {
    await prune();
    expect(await verify()).toMatchObject({ valid: true });
    for (const statement of statements) await dataSource.query(statement);
    expect(await verify()).toMatchObject({ valid: false, problem: expect.stringMatching(problem) });
  });

  it.each([
    ['altered', 'UPDATE audit_entry SET time = 0 WHERE sequence = 3', /^Entry 3 was altered/],
    ['removed', 'DELETE FROM audit_entry WHERE sequence = 6', /^Entry 6 is missing/],
  ])('stay where one was %s: age covers no traces', async (_what, statement, problem) => {
    await dataSource.query(statement);
    await expect(prune()).rejects.toThrow(problem);
    expect(await verify()).toMatchObject({ valid: false, problem: expect.stringMatching(problem), pruned_entries: 0 });
  });
});

it('every way in leaves its entry, an upload that is refused half way too', async () => {
  const refused = await call('POST', '/datasets/upload', {
    token: ann,
    ...form([{ name: 'wrong', value: 'x', filename: 'x.csv' }]),
  });
  expect(refused.status).toBe(422);
  expect((await actions(ann))[0]).toBe('POST /datasets/upload 422');
});
