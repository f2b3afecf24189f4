import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/;
let studio: TestStudio;
let call: RestClient;
let token: string;
let stranger: string;
let datasetId: string;

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  stranger = await logIn(call, 'stranger@example.com');
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  const { body } = await upload(call, token, adult.split('\n').slice(0, 501).join('\n'), 'adult.csv');
  datasetId = body.id;
});
afterAll(() => studio?.close());

const generate = (json: object, id = datasetId, as = token) =>
  call('POST', `/generators/dataset/${id}/generate`, { token: as, json });
const fast = { generator_type: 'gaussian-copula', num_rows: 100, seed: 7 };
const run = async (json: object) => {
  const accepted = await generate({ ...fast, ...json });
  expect(accepted.status, accepted.text).toBe(201);
  return ended(call, token, `/generators/${accepted.body.id}`);
};

const rowsOf = async (seed: number) =>
  (await call('GET', `/generators/${(await run({ seed })).id}/download`, { token })).text;

describe('the types', () => {
  it('tell what each generator can do and takes', async () => {
    const { body } = await call('GET', '/generators/types', { token });
    const copula = body.find(({ id }: { id: string }) => id === 'gaussian-copula');
    expect(copula).toMatchObject({
      title: expect.any(String),
      capabilities: { conditional_sampling: 'exact', differential_privacy: null, missing_values: true },
      config_schema: { type: 'object', additionalProperties: false, properties: expect.any(Object) },
    });
  });

  it('begin with those that are recommended, with what was measured', async () => {
    const { body } = await call('GET', '/generators/types', { token });
    expect(body[0]).toMatchObject({
      id: 'autoregressive',
      recommended_for: 'fidelity',
      measured: { on: expect.stringContaining('adult'), figures: { quality_strong_pairs: expect.any(Number) } },
    });
    const purposes = body.map((type: { recommended_for: string | null }) => type.recommended_for);
    expect(purposes.toSorted((a: string, b: string) => place(a) - place(b))).toEqual(purposes);
    const { body: answer } = await call('POST', '/graphql', {
      token,
      json: { query: '{ generatorTypes { id recommendedFor measuredOn figures { name value } } }' },
    });
    const [first, ...others] = answer.data.generatorTypes;
    expect(first).toEqual({
      id: 'autoregressive',
      recommendedFor: 'FIDELITY',
      measuredOn: body[0].measured.on,
      figures: Object.entries(body[0].measured.figures).map(([name, value]) => ({ name, value })),
    });
    expect(others.find(({ id }: { id: string }) => id === 'independent')).toMatchObject({
      recommendedFor: null,
      measuredOn: null,
      figures: [],
    });
  });
});

const place = (purpose: string | null) => ['fidelity', 'privacy', null].indexOf(purpose);

describe('a run', () => {
  it('is accepted, followed, and done', async () => {
    const accepted = await generate({ ...fast, name: 'First' });
    expect(accepted.status).toBe(201);
    expect(accepted.body).toEqual({
      generator_id: expect.stringMatching(UUID),
      id: accepted.body.generator_id,
      job_id: expect.stringMatching(UUID),
      status: 'pending',
      generator_type: 'gaussian-copula',
      num_rows: 100,
      dataset_id: datasetId,
      seed: 7,
      warnings: expect.any(Array),
      message: expect.any(String),
      created_at: expect.stringMatching(/Z$/),
    });
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(done).toMatchObject({
      id: accepted.body.id,
      name: 'First',
      dataset_id: datasetId,
      status: 'completed',
      progress: 100,
      eta_seconds: null,
      num_rows: 100,
      output_dataset_id: expect.stringMatching(UUID),
      privacy: null,
      error: null,
      seed: 7,
      conditions: {},
      completed_at: expect.stringMatching(/Z$/),
    });
    const output = await call('GET', `/datasets/${done.output_dataset_id}`, { token });
    expect(output.body).toMatchObject({ origin: 'synthetic', row_count: 100, column_count: 15, format: 'csv' });
    const rows = await call('GET', `/generators/${done.id}/download/`, { token });
    expect(rows.text.trimEnd().split('\n')).toHaveLength(101);
    expect(rows.headers['etag']).toMatch(/^"/);
  });

  it('gives the same rows for the same seed, and others for another', async () => {
    const [one, same, other] = [await rowsOf(1), await rowsOf(1), await rowsOf(2)];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('meets its conditions, and shows them', async () => {
    const conditions = { sex: ' Female', age: { min: 30, max: 39 } };
    const done = await run({ conditions });
    expect(done).toMatchObject({ status: 'completed', conditions });
    const { body } = await call('GET', `/generators/${done.id}/download?format=json`, { token });
    expect(body).toHaveLength(100);
    for (const row of body)
      expect(row).toMatchObject({ sex: ' Female', age: expect.toSatisfy((age: number) => age >= 30 && age <= 39) });
  });

  it('takes a condition on a column called __proto__', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i % 2 === 0 ? 'a' : 'b'},${i % 17}`);
    const { body: dataset } = await upload(call, token, `__proto__,n\n${rows.join('\n')}\n`, 'odd.csv');
    const raw = '{"generator_type": "gaussian-copula", "num_rows": 100, "conditions": {"__proto__": "b"}}';
    const url = `/generators/dataset/${dataset.id}/generate`;
    const accepted = await call('POST', url, { token, raw, headers: { 'content-type': 'application/json' } });
    expect(accepted.status, accepted.text).toBe(201);
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(Object.entries(done.conditions)).toEqual([['__proto__', 'b']]);
    const lines = (await call('GET', `/generators/${done.id}/download`, { token })).text.trimEnd().split('\n').slice(1);
    expect(new Set(lines.map((line) => line.split(',')[0]))).toEqual(new Set(['b']));
  });

  it.each([
    [{ num_rows: 99 }, 'num_rows', 'range_error'],
    [{ num_rows: 100_001 }, 'num_rows', 'range_error'],
    [{ num_rows: '500' }, 'num_rows', 'invalid_type'],
    [{ num_rows: 100.5 }, 'num_rows', 'invalid_type'],
    [{ generator_type: 'gan' }, 'generator_type', 'invalid_choice'],
    [{ seed: -1 }, 'seed', 'range_error'],
    [{ rows: 5 }, 'rows', 'unknown_field'],
    [{ config: { epoch: 5 } }, 'config.epoch', 'unknown_field'],
    [{ config: [] }, 'config', 'invalid_type'],
    [{ conditions: { height: 5 } }, 'conditions.height', 'unknown_column'],
    [{ conditions: { age: { from: 5 } } }, 'conditions.age.from', 'unknown_field'],
    [{ conditions: { age: [9, [5]] } }, 'conditions.age.1', 'invalid_type'],
    [{ conditions: { age: { min: 9, max: 8 } } }, 'conditions.age', 'range_error'],
    [{ conditions: { sex: { min: 'A' } } }, 'conditions.sex', 'invalid_type'],
  ])('is refused with %j', async (json, field, code) => {
    const answer = await generate({ ...fast, ...json });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([{ field, code, message: expect.any(String) }]);
  });

  it('tells the limits of num_rows in the words of the guide', async () => {
    const answer = await generate({ num_rows: 1 });
    expect(answer.body).toMatchObject({
      detail: 'Validation failed',
      errors: [{ field: 'num_rows', message: 'Must be between 100 and 100000', code: 'range_error' }],
    });
  });

  it('needs a dataset of its owner', async () => {
    for (const answer of [await generate(fast, 'no-id'), await generate(fast, datasetId, stranger)]) {
      expectFailure(answer, 404, 'resource_not_found');
      expect(answer.body.detail).toBe('Dataset not found');
    }
  });

  it('fails with a reason when a category is none of the data', async () => {
    const answer = await generate({ ...fast, conditions: { sex: 'Unheard of' } });
    if (answer.status === 422) return expectFailure(answer, 422, 'validation_error');
    const done = await ended(call, token, `/generators/${answer.body.id}`);
    expect(done).toMatchObject({
      status: 'failed',
      error: { type: 'validation_error', detail: expect.stringContaining('sex') },
    });
  });
});

describe('more rows', () => {
  it('come from the trained model, as a run of their own', async () => {
    const first = await run({});
    const accepted = await call('POST', `/generators/${first.id}/generate`, {
      token,
      json: { num_rows: 150, seed: 3 },
    });
    expect(accepted.status, accepted.text).toBe(201);
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(done).toMatchObject({ status: 'completed', num_rows: 150, seed: 3, model_id: first.model_id });
    expect(done.id).not.toBe(first.id);
    const again = await call('POST', `/generators/${first.id}/generate`, { token });
    expect(again.body.num_rows).toBe(1000);
    await ended(call, token, `/generators/${again.body.id}`);
  });
});

describe('the list', () => {
  it('is filtered', async () => {
    const { id } = await run({ seed: 11 });
    const ids = async (query: string) => {
      const { body } = await call('GET', `/generators/?${query}`, { token });
      return body.map((generator: { id: string }) => generator.id);
    };
    expect((await ids(`dataset_id=${datasetId}&status=completed&generator_type=gaussian-copula`))[0]).toBe(id);
    expect(await ids('generator_type=independent')).toEqual([]);
    expect(await ids('dataset_id=unknown')).toEqual([]);
    const answer = await call('GET', '/generators/?status=done', { token });
    expect(answer.body.errors[0]).toMatchObject({ field: 'status', code: 'invalid_choice' });
    expect((await call('GET', '/generators/', { token: stranger })).body).toEqual([]);
  });
});

describe('a cancelled run', () => {
  it('says so, and has nothing to download', async () => {
    const accepted = await generate({ ...fast, num_rows: 100_000 });
    const cancelled = await call('POST', `/generators/${accepted.body.id}/cancel`, {
      token,
      headers: { 'content-type': 'application/json' },
    });
    expect(cancelled.status, cancelled.text).toBe(200);
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(done.status).toBe('cancelled');
    expectFailure(await call('GET', `/generators/${done.id}/download`, { token }), 409, 'conflict');
    expectFailure(await call('POST', `/generators/${done.id}/cancel`, { token }), 409, 'conflict');
  });
});

describe("another user's run", () => {
  it.each([
    ['GET', ''],
    ['GET', '/download'],
    ['POST', '/generate'],
    ['POST', '/cancel'],
    ['DELETE', ''],
  ])('is not there: %s %s', async (method, path) => {
    const { id } = await run({});
    for (const url of [`/generators/${id}${path}`, `/generators/no-id${path}`]) {
      const answer = await call(method, url, { token: stranger });
      expectFailure(answer, 404, 'resource_not_found');
      expect(answer.body.detail).toBe('Generator not found');
    }
  });
});

describe('a deletion', () => {
  it('leaves the rows', async () => {
    const { id, output_dataset_id: output } = await run({});
    expect((await call('DELETE', `/generators/${id}`, { token })).status).toBe(204);
    expectFailure(await call('GET', `/generators/${id}`, { token }), 404, 'resource_not_found');
    expect((await call('GET', `/datasets/${output}`, { token })).status).toBe(200);
  });
});
