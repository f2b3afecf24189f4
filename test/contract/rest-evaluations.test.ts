import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
let token: string;
let stranger: string;
let datasetId: string;
let generatorId: string;

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  stranger = await logIn(call, 'stranger@example.com');
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  datasetId = (await upload(call, token, adult.split('\n').slice(0, 501).join('\n'), 'adult.csv')).body.id;
  const json = { generator_type: 'gaussian-copula', num_rows: 300, seed: 1 };
  generatorId = (await call('POST', `/generators/dataset/${datasetId}/generate`, { token, json })).body.id;
  await ended(call, token, `/generators/${generatorId}`);
});
afterAll(() => studio?.close());

const evaluate = (json: object, headers: Record<string, string> = {}) =>
  call('POST', '/evaluations/run', { token, json: { generator_id: generatorId, ...json }, headers });

describe('the types', () => {
  it('tell what each evaluator measures and takes', async () => {
    const { body } = await call('GET', '/evaluations/types/', { token });
    const fidelity = body.find(({ id }: { id: string }) => id === 'fidelity');
    expect(fidelity.metrics.length).toBeGreaterThan(0);
    expect(fidelity.metrics[0]).toMatchObject({
      id: expect.any(String),
      better: expect.stringMatching(/higher|lower/),
    });
    expect(fidelity.config_schema).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

describe('an evaluation', () => {
  it('is accepted, followed and read', async () => {
    const accepted = await evaluate({ dataset_id: datasetId });
    expect(accepted.status, accepted.text).toBe(201);
    expect(accepted.body).toMatchObject({
      evaluation_id: accepted.body.id,
      generator_id: generatorId,
      dataset_id: datasetId,
      report: null,
    });
    const done = await ended(call, token, `/evaluations/${accepted.body.id}`);
    expect(done).toMatchObject({
      status: 'completed',
      progress: 100,
      error: null,
      completed_at: expect.stringMatching(/Z$/),
    });
    for (const score of Object.values(done.scores)) expect(score === null || typeof score === 'number').toBe(true);
    expect(Object.keys(done.scores).length).toBeGreaterThan(0);
    expect(done.report).toEqual(
      (await call('GET', `/evaluations/${done.id}/report`, { token, headers: { accept: 'application/json' } })).body,
    );
  });

  it('is waited for where the client prefers to', async () => {
    const { status, body, headers } = await evaluate({}, { prefer: 'wait=30' });
    expect(status).toBe(201);
    expect(headers['preference-applied']).toBe('wait=30');
    expect(body.status).toBe('completed');
    expect(body.report).not.toBeNull();
  });

  it('has a report as one page without any reference to elsewhere', async () => {
    const { body } = await evaluate({}, { prefer: 'wait=30' });
    const page = await call('GET', `/evaluations/${body.id}/report`, {
      token,
      headers: { accept: 'text/html,*/*;q=0.8' },
    });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['vary']).toMatch(/accept/i);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(page.text).toMatch(/^<!doctype html>/i);
    expect(page.text).toContain('<svg');
    expect(page.text).not.toMatch(/<script|(?:src|href)="https?:/i);
  });

  it('is listed without its report', async () => {
    await evaluate({}, { prefer: 'wait=30' });
    const { body, headers } = await call('GET', `/evaluations/?generator_id=${generatorId}&limit=1`, { token });
    expect(body).toHaveLength(1);
    expect(body[0]).not.toHaveProperty('report');
    expect(Number(headers['x-total-count'])).toBeGreaterThan(0);
    expect((await call('GET', '/evaluations/?status=failed', { token })).body).toEqual([]);
  });

  it.each([
    [{ evaluators: [{ id: 'unheard-of' }] }, 'evaluators.0.id', 'invalid_choice'],
    [{ evaluators: [] }, 'evaluators', 'required'],
    [{ evaluators: [{ id: 'fidelity', config: { speed: 1 } }] }, 'evaluators.0.config.speed', 'unknown_field'],
    [{ target_column: 'height' }, 'target_column', 'unknown_column'],
    [{ sensitive_columns: ['sex', 'height'] }, 'sensitive_columns.1', 'unknown_column'],
    [{ dataset_id: 'another' }, 'dataset_id', 'invalid_choice'],
    [{ metrics: [] }, 'metrics', 'unknown_field'],
    [{ generator_id: 5 }, 'generator_id', 'invalid_type'],
    [{ seed: 2 ** 32 }, 'seed', 'range_error'],
  ])('is refused with %j', async (json, field, code) => {
    const answer = await evaluate(json);
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([{ field, code, message: expect.any(String) }]);
  });

  it('needs a run of its owner that has ended', async () => {
    for (const id of ['no-id', '0190a0b0-0000-7000-8000-000000000000']) {
      expectFailure(await evaluate({ generator_id: id }), 404, 'resource_not_found');
    }
    const answer = await call('POST', '/evaluations/run', { token: stranger, json: { generator_id: generatorId } });
    expectFailure(answer, 404, 'resource_not_found');
    const json = { generator_type: 'gaussian-copula', num_rows: 100_000 };
    const slow = (await call('POST', `/generators/dataset/${datasetId}/generate`, { token, json })).body;
    expectFailure(await evaluate({ generator_id: slow.id }), 409, 'conflict');
    await call('POST', `/generators/${slow.id}/cancel`, { token });
    await ended(call, token, `/generators/${slow.id}`);
  });

  it('is cancelled or deleted, and is not there for others', async () => {
    const { body } = await evaluate({}, { prefer: 'wait=30' });
    expectFailure(await call('POST', `/evaluations/${body.id}/cancel`, { token }), 409, 'conflict');
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/report'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      expectFailure(
        await call(method, `/evaluations/${body.id}${path}`, { token: stranger }),
        404,
        'resource_not_found',
      );
    }
    expect((await call('DELETE', `/evaluations/${body.id}`, { token })).status).toBe(204);
    expectFailure(await call('GET', `/evaluations/${body.id}`, { token }), 404, 'resource_not_found');
  });

  it('that has not ended has no report', async () => {
    const { body } = await evaluate({});
    const cancelled = await call('POST', `/evaluations/${body.id}/cancel`, { token });
    expect(cancelled.status, cancelled.text).toBe(200);
    expect((await ended(call, token, `/evaluations/${body.id}`)).status).toBe('cancelled');
    expectFailure(await call('GET', `/evaluations/${body.id}/report`, { token }), 409, 'conflict');
  });
});
