import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/random.js';
import {
  type Answer,
  createRestClient,
  ended,
  expectFailure,
  form,
  logIn,
  type RestClient,
  upload,
} from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';
import { archive, members } from '../support/tar.js';

let studio: TestStudio;
let call: RestClient;
let owner: string;
let importer: string;
let datasetId: string;
let generatorId: string;
let file: Buffer;

beforeAll(async () => {
  studio = await startStudio({ env: { MAX_UPLOAD_BYTES: '4MiB' } });
  call = createRestClient(studio);
  owner = await logIn(call, 'owner@example.com');
  importer = await logIn(call, 'importer@example.com');
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  const lines = adult.split('\n').slice(0, 301);
  const table = lines.map((line, i) => (i === 0 ? `account,${line}` : `ACC-${4000 + 7 * i}-x,${line}`)).join('\n');
  datasetId = (await upload(call, owner, table, 'adult.csv')).body.id;
  generatorId = await train({ generator_type: 'gaussian-copula', name: 'Census', seed: 3 });
  file = (await download(generatorId)).bytes;
});
afterAll(() => studio?.close());

async function train(json: object, table = datasetId): Promise<string> {
  const url = `/generators/dataset/${table}/generate`;
  const accepted = await call('POST', url, { token: owner, json: { num_rows: 100, ...json } });
  expect(accepted.status, accepted.text).toBe(201);
  const done = await ended(call, owner, `/generators/${accepted.body.id}`);
  expect(done.error).toBeNull();
  return done.id;
}

async function download(id: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
  const url = `/generators/${id}/model`;
  const answer = await studio.app.inject({ method, url, headers: { authorization: `Bearer ${owner}`, ...headers } });
  return { status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload };
}

const importFile = (value: Buffer, token = importer, fields: { name: string; value: string }[] = []) =>
  call('POST', '/generators/import', { token, ...form([...fields, { name: 'file', value, filename: 'm.tar' }]) });

async function sampled(token: string, id: string) {
  const { body } = await call('POST', `/generators/${id}/generate`, { token, json: { num_rows: 100, seed: 11 } });
  const done = await ended(call, token, `/generators/${body.id}`);
  expect(done.error).toBeNull();
  return (await call('GET', `/generators/${done.id}/download`, { token })).text;
}

/** The file with its manifest changed, and its checksums put right: what a forger would send. */
function forge(change: (manifest: any) => void): Buffer {
  const [manifest, ...rest] = members(file);
  const content = JSON.parse(manifest!.content.toString());
  change(content);
  return sealed([{ name: 'manifest.json', content: Buffer.from(JSON.stringify(content)) }, ...rest.slice(0, -1)]);
}

function sealed(list: readonly { name: string; content: Buffer }[]): Buffer {
  const sums = list.map(({ name, content }) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
  return archive([...list, { name: 'SHA256SUMS', content: Buffer.from(sums.join('')) }]);
}

function expectRefused(answer: Answer, code: string, message: RegExp): void {
  expectFailure(answer, 422, 'validation_error');
  expect(answer.body.errors).toEqual([{ field: 'file', code, message: expect.stringMatching(message) }]);
}

/** The rows without the column of account numbers. */
function learned(csv: string): string[] {
  return csv.split('\n').map((line) => line.slice(line.indexOf(',')));
}

describe('a model as a file', () => {
  it('goes to another user, who draws the same rows from it', async () => {
    const { status, body } = await importFile(file);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'completed',
      progress: 100,
      name: 'Census',
      dataset_id: null,
      generator_type: 'gaussian-copula',
      output_dataset_id: null,
      num_rows: 0,
      privacy: null,
      completed_at: expect.any(String),
    });
    // Fresh account numbers differ: only the owner's studio knows which ones are taken.
    expect(learned(await sampled(importer, body.id))).toEqual(learned(await sampled(owner, generatorId)));
    expectFailure(await call('GET', `/generators/${body.id}`, { token: owner }), 404, 'resource_not_found');
    expect((await call('DELETE', `/generators/${body.id}`, { token: importer })).status).toBe(204);
  });

  it('finds its dataset again when it comes back to its owner', async () => {
    const fields = [{ name: 'name', value: 'Back again' }];
    const { body } = await importFile(file, owner, fields);
    expect(body).toMatchObject({ name: 'Back again', dataset_id: datasetId });
  });

  it('says where it comes from, with a checksum of each part, and knows no value of a column set aside', async () => {
    const parts = members(file);
    expect(parts[0]!.name).toBe('manifest.json');
    const manifest = JSON.parse(parts[0]!.content.toString());
    const dataset = await call('GET', `/datasets/${datasetId}`, { token: owner });
    expect(manifest).toMatchObject({
      format: 'synthetic-data-studio/model',
      plugin: { id: 'gaussian-copula', version: expect.any(String), artefactVersion: expect.any(Number) },
      training: { datasetId, datasetChecksum: dataset.body.checksum, seed: 3 },
    });
    expect(manifest.table.description.columns).toHaveLength(16);
    expect(manifest.table.description.columns[0].fill).toEqual({ type: 'masks', masks: expect.any(Array) });
    const sums = parts.at(-1)!.content.toString();
    for (const { name, content } of parts.slice(0, -1)) {
      expect(sums).toContain(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
    }
  });

  it('can be resumed and checked for changes', async () => {
    const whole = await download(generatorId);
    const etag = whole.headers.etag as string;
    expect(whole.headers).toMatchObject({ 'content-type': 'application/x-tar', 'accept-ranges': 'bytes' });
    expect(whole.bytes.equals(file)).toBe(true);
    const part = await download(generatorId, { range: 'bytes=100-', 'if-range': etag });
    expect(part.status).toBe(206);
    expect(part.bytes.equals(file.subarray(100))).toBe(true);
    expect((await download(generatorId, { 'if-none-match': etag })).status).toBe(304);
    expect((await download(generatorId, { range: `bytes=${file.length}-` })).status).toBe(416);
    const head = await download(generatorId, {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': String(file.length), etag } });
    expect(head.bytes).toHaveLength(0);
  });

  it('is its owner’s alone, and there only once training has ended', async () => {
    expectFailure(
      await call('GET', `/generators/${generatorId}/model`, { token: importer }),
      404,
      'resource_not_found',
    );
    const url = `/generators/dataset/${datasetId}/generate`;
    const { body } = await call('POST', url, { token: owner, json: { generator_type: 'ctgan' } });
    expectFailure(await call('GET', `/generators/${body.id}/model`, { token: owner }), 409, 'conflict');
    await call('POST', `/generators/${body.id}/cancel`, { token: owner, json: {} });
    await ended(call, owner, `/generators/${body.id}`);
  });

  it('goes the same way over GraphQL', async () => {
    const found = await studio.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: `Bearer ${owner}` },
      payload: { query: `{ generator(id: "${generatorId}") { modelUrl } }` },
    });
    expect(found.json().data.generator.modelUrl).toBe(`/generators/${generatorId}/model`);
    const query = `mutation ($file: File!) {
      importModel(file: $file, name: "Twin") {
        ... on Generator { id name status datasetId }
        ... on ValidationError { fields { field code message } }
      }
    }`;
    const send = async (value: Buffer) => {
      const { raw, headers } = form([
        { name: 'operations', value: JSON.stringify({ query, variables: { file: null } }) },
        { name: 'map', value: '{"0": ["variables.file"]}' },
        { name: '0', value, filename: 'm.tar' },
      ]);
      const answer = await studio.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { ...headers, authorization: `Bearer ${importer}` },
        payload: raw,
      });
      return answer.json().data.importModel;
    };
    expect(await send(file)).toMatchObject({ name: 'Twin', status: 'COMPLETED', datasetId: null });
    const refused = await send(forge((manifest) => (manifest.plugin.id = 'nobody')));
    expect(refused.fields).toMatchObject([{ field: 'file', code: 'invalid_choice' }]);
  });
});

describe('a model file is refused', () => {
  it('when any byte of it was altered', async () => {
    const random = new RandomStream(20261124, 'altered bytes');
    // The header and the end always, and sixty places in between.
    const places = [
      0,
      124,
      148,
      300,
      511,
      file.length - 1,
      ...Array.from({ length: 60 }, () => random.nextInteger(file.length)),
    ];
    for (const place of places) {
      const altered = Buffer.from(file);
      altered[place]! ^= 1 << random.nextInteger(8);
      const { status } = await importFile(altered);
      expect([400, 422], `byte ${place}`).toContain(status);
    }
  });

  it('when it is cut off, or something follows it', async () => {
    for (const length of [600, file.length - 1, file.length - 512, Math.floor(file.length / 2)]) {
      expectRefused(await importFile(file.subarray(0, length)), 'invalid_format', /ends too early|cut off/);
    }
    expectRefused(
      await importFile(Buffer.concat([file, Buffer.alloc(512)])),
      'invalid_format',
      /follows after its end/,
    );
  });

  it.each([
    '../../escape',
    '/etc/passwd',
    'artefacts/../../x',
    'artefacts/manifest.json',
    'model.json',
    'artefacts/.hidden',
  ])('with an entry called %s', async (name) => {
    const [manifest, ...rest] = members(file);
    const value = sealed([manifest!, { name, content: Buffer.from('x') }, ...rest.slice(0, -1)]);
    expectRefused(await importFile(value), 'invalid_format', /is no name of a model's file/);
  });

  it('with a link, or an entry twice', async () => {
    const [manifest, first, ...rest] = members(file);
    const link = archive([manifest!, { name: 'artefacts/link', content: Buffer.alloc(0), type: '2' }]);
    expectRefused(await importFile(link), 'invalid_format', /not as a studio writes it/);
    const twice = sealed([manifest!, first!, first!, ...rest.slice(0, -1)]);
    expectRefused(await importFile(twice), 'invalid_format', /twice/);
  });

  it('with more than fits: a manifest that fills memory, a file above the limit of uploads', async () => {
    const large = archive([{ name: 'manifest.json', content: Buffer.from('{}'), size: 2 ** 33 - 1 }]);
    expectRefused(await importFile(large), 'invalid_format', /larger than/);
    const [manifest, ...rest] = members(file);
    const bulky = sealed([
      manifest!,
      ...rest.slice(0, -1),
      { name: 'artefacts/z', content: Buffer.alloc(5 * 2 ** 20) },
    ]);
    expectFailure(await importFile(bulky), 413, 'payload_too_large');
  });

  it('when it is something else', async () => {
    for (const value of ['', 'a,b\n1,2\n', 'x'.repeat(4096)]) {
      expectFailure(await importFile(Buffer.from(value)), 400, 'unsupported_format');
    }
    expectFailure(await importFile(forge((manifest) => (manifest.format = 'other'))), 400, 'unsupported_format');
  });

  it.each<[string, (manifest: any) => void, string, RegExp]>([
    ['an unknown plugin', (m) => (m.plugin.id = 'nobody'), 'invalid_choice', /"nobody" is not loaded/],
    ['a newer plugin', (m) => (m.plugin.artefactVersion += 1), 'invalid_choice', /saved by a newer "gaussian-copula"/],
    ['a newer studio', (m) => (m.formatVersion = 99), 'invalid_choice', /written by a newer studio/],
    ['an unknown key', (m) => (m.code = 'run()'), 'invalid_format', /code/],
    ['a config of another plugin', (m) => (m.config = { epochs: 3 }), 'invalid_format', /config\.epochs/],
    [
      'a claim that its plugin cannot make',
      (m) => (m.summary.privacySpent = { epsilon: 1, delta: 0 }),
      'invalid_format',
      /claims/,
    ],
    [
      'a storage that no table has',
      (m) => (m.table.description.columns[1].storage = { type: 'sql' }),
      'invalid_format',
      /storage/,
    ],
    [
      'a kind that its cells cannot be',
      (m) => m.table.overrides.push({ column: 'age', kind: 'text' }),
      'invalid_format',
      /cannot be|can be/,
    ],
  ])('with %s', async (_what, change, code, message) => {
    expectRefused(await importFile(forge(change)), code, message);
  });

  it('in a request that is not one file', async () => {
    const two = form([
      { name: 'file', value: file, filename: 'm.tar' },
      { name: 'description', value: 'x' },
    ]);
    const unknown = await call('POST', '/generators/import', { token: importer, ...two });
    expect(unknown.body.errors).toMatchObject([{ field: 'description', code: 'unknown_field' }]);
    const none = await call('POST', '/generators/import', { token: importer, ...form([]) });
    expectFailure(none, 422, 'validation_error');
    expectFailure(await call('POST', '/generators/import', form([])), 401, 'authentication_error');
  });
});

describe('the file of a differentially private model', () => {
  it('holds nothing that its ledger does not pay for, and gives rows', async () => {
    const table = Array.from({ length: 300 }, (_, i) => `ACC-${4000 + 7 * i}-x,${20 + (i % 50)},0.${i % 10}5`);
    const uploaded = await upload(call, owner, `account,age,share\n${table.join('\n')}\n`, 'private.csv');
    const config = { epsilon: 3, steps: 5, batch_size: 20, row_count: 300 };
    const id = await train({ generator_type: 'dp-ctgan', config, seed: 77_123 }, uploaded.body.id);
    const { bytes } = await download(id);
    const { content } = members(bytes)[0]!;
    const manifest = JSON.parse(content.toString());
    const { checksum } = uploaded.body;
    for (const secret of [checksum, checksum.slice(7), '77123', 'ACC-']) expect(bytes.includes(secret)).toBe(false);
    expect(manifest.training).toMatchObject({ datasetChecksum: null, seed: null, holdoutFraction: null });
    expect(manifest.table.description).toMatchObject({ rowCount: 0 });
    for (const column of manifest.table.description.columns) {
      expect(Object.keys(column).toSorted()).toEqual(
        ['distinctCount', 'keepsSpelling', 'kind', 'missingFraction', 'name', 'nullable', 'storage'].toSorted(),
      );
      expect(column).toMatchObject({ distinctCount: 0, missingFraction: 0, keepsSpelling: false });
    }
    const { body } = await importFile(bytes);
    expect(body.privacy).toEqual(manifest.summary.privacySpent);
    expect(body.privacy_ledger).toEqual(manifest.summary.privacyLedger);
    expect(body.privacy_caveats.at(-1)).toMatch(/imported: its privacy claim is that of the file/);
    const rows = (await sampled(importer, body.id)).trimEnd().split('\n');
    expect(rows).toHaveLength(101);
    const { columns } = manifest.table.description;
    expect(rows[0]!.split(',')).toEqual(columns.map(({ name }: { name: string }) => name));
  });
});
