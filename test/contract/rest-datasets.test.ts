import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, expectFailure, form, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const TABLE =
  'name,age,"__proto__",名前,city\nAda,36,1.50,あ,London\nGrace,85,2.25,い,New York\nMary,,3.00,う,London\n';
let studio: TestStudio;
let call: RestClient;
let token: string;
let stranger: string;

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  stranger = await logIn(call, 'stranger@example.com');
});
afterAll(() => studio?.close());

async function uploaded(value: string = TABLE, filename = 'people.csv') {
  const answer = await upload(call, token, value, filename);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

describe('an upload', () => {
  it('answers with the dataset, ready', async () => {
    const dataset = await uploaded();
    expect(dataset).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: 'people.csv',
      description: null,
      original_filename: 'people.csv',
      format: 'csv',
      origin: 'upload',
      size_bytes: Buffer.byteLength(TABLE),
      row_count: 3,
      column_count: 5,
      columns: expect.any(Array),
      column_overrides: [],
      status: 'ready',
      privacy: { epsilon: 0, delta: 0, models: 0, unbounded_models: 0, limit: null },
      checksum: `sha256:${createHash('sha256').update(TABLE).digest('hex')}`,
      created_at: expect.stringMatching(/Z$/),
      updated_at: dataset.created_at,
    });
    expect(dataset.columns.map(({ name }: { name: string }) => name)).toEqual([
      'name',
      'age',
      '__proto__',
      '名前',
      'city',
    ]);
    expect(dataset.columns[1]).toMatchObject({
      nullable: true,
      missing_fraction: expect.closeTo(1 / 3),
      distinct_count: 2,
    });
    expect((await call('GET', `/datasets/${dataset.id}`, { token })).body).toEqual(dataset);
  });

  it('takes its fields before and after the file', async () => {
    const file = { name: 'file', value: TABLE, filename: 'people.csv' };
    const parts = [{ name: 'name', value: 'People' }, file, { name: 'description', value: 'Three of them' }];
    const { status, body } = await call('POST', '/datasets/upload/', { token, ...form(parts) });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'People', description: 'Three of them', original_filename: 'people.csv' });
  });

  it.each([
    ['a file that is none of the formats', '%PDF-1.7 ...', 'a.csv', 400, 'unsupported_format'],
    ['an empty file', '', 'a.csv', 422, 'validation_error'],
    ['a header alone', 'a,b\n', 'a.csv', 422, 'validation_error'],
    ['a ragged row', 'a,b\n1,2\n3\n', 'a.csv', 422, 'validation_error'],
  ])('refuses %s', async (_what, value, filename, status, type) => {
    expectFailure(await upload(call, token, value, filename), status, type);
  });

  it('tells the line of a ragged row', async () => {
    const { body } = await upload(call, token, 'a,b\n1,2\n3\n', 'a.csv');
    expect(body.detail).toMatch(/^Line 3 /);
  });
});

describe('the list', () => {
  let lister: string;
  const ids: string[] = [];
  beforeAll(async () => {
    lister = await logIn(call, 'lister@example.com');
    for (const name of ['c', 'a', 'b']) {
      const { body } = await call('POST', '/datasets/upload', {
        token: lister,
        ...form([
          { name: 'name', value: name },
          { name: 'file', value: 'x,y\n1,2\n3,4\n', filename: 'n.csv' },
        ]),
      });
      ids.push(body.id);
    }
  });
  const names = async (query: string) => {
    const { body } = await call('GET', `/datasets/?${query}`, { token: lister });
    return body.map(({ name }: { name: string }) => name);
  };

  it('is a plain array, page by page', async () => {
    const first = await call('GET', '/api/datasets/?limit=2&sort=name', { token: lister });
    expect(first.body.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    expect(first.headers['x-total-count']).toBe('3');
    const next = /^<(.*)>; rel="next"$/.exec(first.headers['link']!)?.[1];
    expect(next).toBe('/api/datasets/?limit=2&sort=name&offset=2');
    const second = await call('GET', next!, { token: lister });
    expect(second.body.map(({ name }: { name: string }) => name)).toEqual(['c']);
    expect(second.headers['x-total-count']).toBe('3');
    expect(second.headers['link']).toBeUndefined();
    const beyond = await call('GET', '/datasets/?offset=10', { token: lister });
    expect([beyond.body, beyond.headers['x-total-count']]).toEqual([[], '3']);
  });

  it('is sorted as asked, newest first unless told otherwise', async () => {
    expect(await names('sort=-name')).toEqual(['c', 'b', 'a']);
    expect(await names('sort=created_at')).toEqual(['c', 'a', 'b']);
    expect(await names('')).toEqual(['b', 'a', 'c']);
    const answer = await call('GET', '/datasets/?sort=size', { token: lister });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field: 'sort', code: 'invalid_choice' });
  });

  it('tells what has changed after a time, oldest change first', async () => {
    const { body: changed } = await call('PATCH', `/datasets/${ids[0]}`, { token: lister, json: { name: 'c2' } });
    const middle = (await call('GET', `/datasets/${ids[1]}`, { token: lister })).body.updated_at;
    expect(await names(`modified_after=${middle}`)).toEqual(['b', 'c2']);
    expect(await names(`modified_after=${changed.updated_at}`)).toEqual([]);
    expect(await names(`modified_after=${encodeURIComponent('2020-01-01T00:00:00.123456+00:00')}`)).toEqual([
      'a',
      'b',
      'c2',
    ]);
    const answer = await call('GET', '/datasets/?modified_after=yesterday', { token: lister });
    expect(answer.body.errors[0]).toMatchObject({ field: 'modified_after', code: 'invalid_format' });
  });

  it.each(['limit=0', 'limit=1001', 'offset=-1'])('refuses %s', async (query) => {
    const answer = await call('GET', `/datasets/?${query}`, { token: lister });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field: query.split('=')[0], code: 'range_error' });
  });
});

describe("another user's dataset", () => {
  it.each([
    ['GET', ''],
    ['GET', '/rows'],
    ['GET', '/profile'],
    ['GET', '/download'],
    ['PATCH', ''],
    ['DELETE', ''],
  ])('is not there: %s %s', async (method, path) => {
    const { id } = await uploaded();
    const json = method === 'PATCH' ? { name: 'Mine now' } : undefined;
    for (const url of [
      `/datasets/${id}${path}`,
      `/datasets/no-id${path}`,
      `/datasets/${id.replace(/..$/, 'zz')}${path}`,
    ]) {
      const answer = await call(method, url, { token: stranger, json });
      expectFailure(answer, 404, 'resource_not_found');
      expect(answer.body.detail).toBe('Dataset not found');
    }
  });
});

describe('a change', () => {
  it('renames, describes and decides about columns', async () => {
    const { id } = await uploaded();
    const columns = [
      { name: 'age', kind: 'continuous', bounds: [0, 120], nullable: true },
      { name: '名前', kind: 'categorical', categories: ['あ', 'い', 'う'] },
    ];
    const { status, body, text } = await call('PATCH', `/datasets/${id}`, {
      token,
      json: { name: 'Renamed', description: null, columns },
    });
    expect(status, text).toBe(200);
    expect(body.name).toBe('Renamed');
    expect(body.column_overrides).toEqual(columns);
    const kinds = Object.fromEntries(body.columns.map(({ name, kind }: Record<string, string>) => [name, kind]));
    expect(kinds).toMatchObject({ age: 'continuous', 名前: 'categorical' });
  });

  it.each([
    [{ columns: [{ name: 'height', kind: 'integer' }] }, 'unknown_column'],
    [{ columns: [{ name: 'city', kind: 'continuous' }] }, 'invalid_choice'],
    [{ columns: [{ name: 'city', kind: 'number' }] }, 'invalid_choice'],
    [{ columns: [{ kind: 'integer' }] }, 'required'],
    [{ columns: [{ name: 'age', bounds: [1] }] }, 'range_error'],
    [{ columns: [{ name: 'age', type: 'integer' }] }, 'unknown_field'],
    [{ name: '' }, 'range_error'],
    [{ row_count: 5 }, 'unknown_field'],
  ])('is refused: %j', async (json, code) => {
    const { id } = await uploaded();
    const answer = await call('PATCH', `/datasets/${id}`, { token, json });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0].code).toBe(code);
  });
});

describe('rows', () => {
  it('are shown in part', async () => {
    const { id } = await uploaded();
    const { body } = await call('GET', `/datasets/${id}/rows?limit=2&offset=1`, { token });
    expect(body).toEqual({
      columns: ['name', 'age', '__proto__', '名前', 'city'],
      rows: [
        ['Grace', 85, 2.25, 'い', 'New York'],
        ['Mary', null, 3, 'う', 'London'],
      ],
      offset: 1,
      limit: 2,
      row_count: 3,
    });
  });

  it('have a profile', async () => {
    const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
    const { id } = await uploaded(adult.split('\n').slice(0, 501).join('\n'), 'adult.csv');
    const profile = () => call('GET', `/datasets/${id}/profile`, { token });
    const [{ body, status }, ...others] = await Promise.all([profile(), profile(), profile()]);
    expect(status).toBe(200);
    for (const other of [...others, await profile()]) expect(other.body).toEqual(body);
    expect(body.row_count).toBe(500);
    expect(body.columns).toHaveLength(15);
    expect(body.columns[0]).toMatchObject({ name: 'age', kind: 'integer' });
    expect(JSON.stringify(body)).not.toMatch(/[a-z][A-Z][a-z]+":/);
  });
});

const get = (id: string, headers: Record<string, string> = {}, query = '', method = 'GET') =>
  call(method, `/datasets/${id}/download${query}`, { token, headers });

describe('a download', () => {
  it('gives back the file as it was uploaded', async () => {
    const { id } = await uploaded(TABLE, 'Über 名前.csv');
    const answer = await get(id);
    expect(answer.text).toBe(TABLE);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-length': String(Buffer.byteLength(TABLE)),
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[^"]+"$/),
    });
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="_ber __.csv"; filename*=UTF-8''%C3%9Cber%20%E5%90%8D%E5%89%8D.csv`,
    );
  });

  it('gives part of it, and says so', async () => {
    const { id } = await uploaded();
    const bytes = Buffer.from(TABLE);
    const part = await get(id, { range: 'bytes=10-19' });
    expect(part.status).toBe(206);
    expect(part.text).toBe(bytes.subarray(10, 20).toString());
    expect(part.headers).toMatchObject({ 'content-range': `bytes 10-19/${bytes.length}`, 'content-length': '10' });
    const rest = await get(id, { range: 'bytes=5-', 'if-range': part.headers['etag']! });
    expect(rest.status).toBe(206);
    expect(rest.text).toBe(bytes.subarray(5).toString());
    const other = await get(id, { range: 'bytes=5-', 'if-range': '"another"' });
    expect([other.status, other.text]).toEqual([200, TABLE]);
    const beyond = await get(id, { range: 'bytes=9999-' });
    expectFailure(beyond, 416, 'range_not_satisfiable');
    expect(beyond.headers['content-range']).toBe(`bytes */${bytes.length}`);
  });

  it('is not sent to who has it', async () => {
    const { id } = await uploaded();
    const { headers } = await get(id);
    for (const known of [headers['etag']!, `W/${headers['etag']}`, `"x", ${headers['etag']}`, '*']) {
      const answer = await get(id, { 'if-none-match': known });
      expect([answer.status, answer.text]).toEqual([304, '']);
      expect(answer.headers['etag']).toBe(headers['etag']);
    }
    expect((await get(id, { 'if-none-match': '"x"' })).status).toBe(200);
  });

  it('tells its size to HEAD', async () => {
    const { id } = await uploaded();
    const answer = await get(id, {}, '', 'HEAD');
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(TABLE)));
    expectFailure({ ...(await get('no-id')) }, 404, 'resource_not_found');
    expect((await get('no-id', {}, '', 'HEAD')).status).toBe(404);
  });

  it('comes in other formats, each with its own ETag', async () => {
    const { id } = await uploaded();
    const json = await get(id, {}, '?format=json');
    expect(json.headers['content-type']).toMatch(/^application\/json/);
    expect(Object.entries(json.body[0])).toEqual([
      ['name', 'Ada'],
      ['age', 36],
      ['__proto__', 1.5],
      ['名前', 'あ'],
      ['city', 'London'],
    ]);
    const lines = (await get(id, {}, '?format=ndjson')).text.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const parquet = await get(id, {}, '?format=parquet');
    expect(parquet.text.startsWith('PAR1')).toBe(true);
    expect(parquet.headers['content-disposition']).toBe('attachment; filename="people.parquet"');
    const etags = new Set([json.headers['etag'], parquet.headers['etag'], (await get(id)).headers['etag']]);
    expect(etags.size).toBe(3);
    const answer = await get(id, {}, '?format=xml');
    expectFailure(answer, 422, 'validation_error');
  });
});

describe('a deletion', () => {
  it('answers nothing, and leaves nothing', async () => {
    const { id } = await uploaded();
    expect((await call('DELETE', `/datasets/${id}/`, { token })).status).toBe(204);
    expectFailure(await call('GET', `/datasets/${id}`, { token }), 404, 'resource_not_found');
  });
});
