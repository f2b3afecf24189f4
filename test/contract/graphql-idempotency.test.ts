import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdempotencyService } from '../../src/core/idempotency/idempotency.service.js';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { createRestClient, form, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const TABLE = `age,city\n${Array.from({ length: 60 }, (_, i) => `${20 + i},${i % 2 === 0 ? 'Oslo' : 'Rome'}`).join('\n')}\n`;
const ERROR = '... on Error { code message } ... on ValidationError { fields { field message } }';
const GENERATE = `mutation Generate($input: GenerateInput!) { generate(input: $input) { ... on Generator { id } ${ERROR} } }`;
const UPLOAD = `mutation ($file: File!, $name: String) { uploadDataset(file: $file, name: $name) { ... on Dataset { id rowCount } ${ERROR} } }`;
const CREATE_KEY = `mutation { createApiKey(input: { name: "k", scopes: [READ] }) { ... on IssuedApiKey { key } ${ERROR} } }`;

let studio: TestStudio;
let call: RestClient;
let ann: string;
beforeEach(async () => {
  studio = await startStudio({ env: { STUDIO_ROLE: 'api' } });
  call = createRestClient(studio);
  ann = await logIn(call, 'ann@example.com');
});
afterEach(() => studio?.close());

interface Sent {
  readonly variables?: object;
  readonly token?: string;
  readonly accept?: string;
}

async function post(key: string | undefined, payload: object | Buffer, headers: object = {}, token = ann) {
  const answer = await studio.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${token}`, ...(key !== undefined && { 'idempotency-key': key }), ...headers },
    payload,
  });
  const { data, errors } = answer.json<{ data?: any; errors?: any[] }>();
  const { status_code, errors: fields } = errors?.[0].extensions ?? {};
  return {
    data,
    replayed: answer.headers['idempotent-replayed'],
    refusal: errors && [status_code, fields?.[0].field],
    ...(errors && { error: errors[0] }),
  };
}

const operate = (key: string | undefined, query: string, { variables, token, accept }: Sent = {}) =>
  post(key, { query, variables }, accept === undefined ? {} : { accept }, token);

/** With a boundary of its own, as clients make it. */
function uploadOf(key: string, content: string, boundary = 'one', name = 'people') {
  const { raw, headers } = form([
    { name: 'operations', value: JSON.stringify({ query: UPLOAD, variables: { file: null, name } }) },
    { name: 'map', value: JSON.stringify({ 0: ['variables.file'] }) },
    { name: '0', value: content, filename: 'table.csv' },
  ]);
  const body = Buffer.from(raw.toString().replaceAll('boundary-of-the-tests', boundary));
  return post(key, body, { 'content-type': headers['content-type'].replace('boundary-of-the-tests', boundary) });
}

const countOf = async (url: string) => (await call('GET', url, { token: ann })).body.length as number;

async function generateInput(more: object = {}) {
  const { body: dataset } = await upload(call, ann, TABLE);
  return { datasetId: dataset.id as string, generator: { independent: {} }, ...more };
}

describe('an Idempotency-Key on a mutation', () => {
  it.each(['application/json', 'text/event-stream'])('makes it happen once, answered as %s', async (accept) => {
    const variables = { input: await generateInput() };
    const first = await operate('k', GENERATE, { variables });
    const answer = await studio.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: `Bearer ${ann}`, 'idempotency-key': 'k', accept },
      payload: { query: GENERATE, variables },
    });
    expect(first.data.generate.id).toEqual(expect.any(String));
    expect(answer.body).toContain(JSON.stringify({ data: first.data }));
    expect([first.replayed, answer.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
    expect(await countOf('/generators')).toBe(1);
  });

  it('may stand in quotes, and the operation be laid out otherwise', async () => {
    const variables = { input: await generateInput() };
    const first = await operate('"k"', GENERATE, { variables });
    const second = await operate('k', GENERATE.replaceAll(' ', '\n  '), { variables });
    expect([second.data, second.replayed]).toEqual([first.data, 'true']);
  });

  it('is refused with another request: other variables, another operation', async () => {
    const input = await generateInput({ seed: 1 });
    await operate('k', GENERATE, { variables: { input } });
    const others = [
      await operate('k', GENERATE, { variables: { input: { ...input, seed: 2 } } }),
      await operate('k', CREATE_KEY),
    ];
    for (const { refusal, replayed } of others) {
      expect([refusal, replayed]).toEqual([[422, 'Idempotency-Key'], undefined]);
    }
    expect(await countOf('/generators')).toBe(1);
  });

  it('makes an upload once, whatever its boundary, and is refused with another file or variable', async () => {
    const first = await uploadOf('k', TABLE);
    const second = await uploadOf('k', TABLE, 'another-boundary');
    expect(first.data.uploadDataset.rowCount).toBe(60);
    expect([second.data, second.replayed]).toEqual([first.data, 'true']);
    for (const other of [await uploadOf('k', `${TABLE}99,Bonn\n`), await uploadOf('k', TABLE, 'one', 'others')]) {
      expect(other.refusal).toEqual([422, 'Idempotency-Key']);
    }
    expect(await countOf('/datasets')).toBe(1);
  });

  it('has an effect once when the same request comes many times at once', async () => {
    const variables = { input: await generateInput() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => operate('k', GENERATE, { variables })));
    const made = answers.filter(({ data }) => data != null);
    expect(new Set(made.map(({ data }) => data.generate.id)).size).toBe(1);
    for (const { error } of answers.filter(({ data }) => data == null)) {
      expect(error.extensions).toMatchObject({ type: 'conflict', status_code: 409, retry_after: 1 });
    }
    expect(await countOf('/generators')).toBe(1);
  });

  it('is each user’s own', async () => {
    const bob = await logIn(call, 'bob@example.com');
    const mine = await operate('k', CREATE_KEY);
    const theirs = await operate('k', CREATE_KEY, { token: bob });
    expect(theirs.replayed).toBeUndefined();
    expect(theirs.data.createApiKey.key).not.toBe(mine.data.createApiKey.key);
  });

  it('gives no answer to a key that may not ask', async () => {
    await operate('k', CREATE_KEY);
    const { body: key } = await call('POST', '/auth/api-keys', { token: ann, json: { name: 'r', scopes: ['read'] } });
    const { data, refusal, replayed } = await operate('k', CREATE_KEY, { token: key.key });
    expect([data?.createApiKey, refusal?.[0], replayed]).toEqual([undefined, 403, undefined]);
  });

  it('may be sent again after a mutation that failed and changed nothing', async () => {
    const input = await generateInput();
    const missing = { ...input, datasetId: '01999999-9999-7999-8999-999999999999' };
    const failed = await operate('k', GENERATE, { variables: { input: missing } });
    expect(failed.data.generate.code).toBe('resource_not_found');
    const { data, replayed } = await operate('k', GENERATE, { variables: { input } });
    expect([data.generate.id, replayed]).toEqual([expect.any(String), undefined]);
  });

  it('is good for one effect where a part of the operation failed', async () => {
    const input = await generateInput();
    const missing = { ...input, datasetId: '01999999-9999-7999-8999-999999999999' };
    const both = `mutation ($a: GenerateInput!, $b: GenerateInput!) {
      a: generate(input: $a) { ... on Generator { id } ${ERROR} }
      b: generate(input: $b) { ... on Generator { id } ${ERROR} }
    }`;
    await operate('k', both, { variables: { a: input, b: missing } });
    const again = await operate('k', both, { variables: { a: input, b: missing } });
    expect(again.refusal?.[0]).toBe(409);
    expect(await countOf('/generators')).toBe(1);
  });

  it('must be visible text', async () => {
    expect((await operate('a b', CREATE_KEY)).refusal).toEqual([422, 'Idempotency-Key']);
  });

  it('means nothing where nothing is created', async () => {
    const { body: dataset } = await upload(call, ann, TABLE);
    const rename = (name: string) =>
      operate(
        'k',
        `mutation ($input: UpdateDatasetInput!) { updateDataset(id: "${dataset.id}", input: $input) { ... on Dataset { name } } }`,
        { variables: { input: { name } } },
      );
    await rename('one');
    expect((await rename('two')).data.updateDataset.name).toBe('two');
    expect((await operate('k', '{ me { email } }')).data.me.email).toBe('ann@example.com');
  });

  it('leaves each repetition in the audit trail', async () => {
    const variables = { input: await generateInput() };
    for (let i = 0; i < 3; i++) await operate('k', GENERATE, { variables });
    const { body } = await call('GET', '/audit-logs?limit=50', { token: ann });
    expect(body.filter(({ action }: { action: string }) => action === 'MUTATION generate')).toHaveLength(3);
  });

  it('holds over a restart, for a day', async () => {
    const variables = { input: await generateInput() };
    const first = await operate('k', GENERATE, { variables });
    await studio.container.resolve(IdempotencyService).recover();
    expect((await operate('k', GENERATE, { variables })).data).toEqual(first.data);
    await studio.container.resolve(DATA_SOURCE).query('UPDATE idempotent_request SET expiresAt = 1');
    expect((await operate('k', GENERATE, { variables })).replayed).toBeUndefined();
  });

  it('is told of in the schema by each mutation that creates, and by no other', async () => {
    const { data } = await operate(undefined, '{ __type(name: "Mutation") { fields { name description } } }');
    const told = (data.__type.fields as { name: string; description: string }[])
      .filter(({ description }) => description.includes('`Idempotency-Key`'))
      .map(({ name }) => name);
    expect(told.toSorted()).toEqual([
      'createApiKey',
      'evaluate',
      'generate',
      'importModel',
      'impute',
      'register',
      'registerWebhook',
      'sample',
      'uploadDataset',
    ]);
  });
});
