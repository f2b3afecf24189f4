import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const QUICK = { epochs: 2, minimum_steps: 1 };
let studio: TestStudio;
let call: RestClient;
let token: string;
let oldId: string;
let newId: string;
let baseId: string;

function csv(seed: number, cities: readonly string[], header = 'age,city'): string {
  const random = new RandomStream(seed, 'test.base-model');
  const rows = Array.from({ length: 400 }, () => {
    return `${Math.floor(20 + 50 * random.next())},${cities[Math.floor(cities.length * random.next())]!}`;
  });
  return `${header}\n${rows.join('\n')}\n`;
}

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  oldId = (await upload(call, token, csv(1, ['Bath', 'York']))).body.id;
  newId = (await upload(call, token, csv(2, ['Bath', 'York', 'Hull']))).body.id;
  baseId = (await run(oldId, { generator_type: 'autoregressive', config: { ...QUICK, bins: 20 } })).id;
});
afterAll(() => studio?.close());

const generate = (dataset: string, json: object, as = token) =>
  call('POST', `/generators/dataset/${dataset}/generate`, { token: as, json: { num_rows: 200, seed: 1, ...json } });

async function run(dataset: string, json: object) {
  const accepted = await generate(dataset, json);
  expect(accepted.status, accepted.text).toBe(201);
  const done = await ended(call, token, `/generators/${accepted.body.id}`);
  expect(done.error).toBeNull();
  return done;
}

describe('a run that goes on from the model of another', () => {
  it('learns the new rows, and tells where it began', async () => {
    const base = await call('GET', `/generators/${baseId}`, { token });
    expect(base.body.base_model_id).toBeNull();
    const done = await run(newId, { base_generator_id: baseId, config: { epochs: 8 } });
    expect(done).toMatchObject({
      generator_type: 'autoregressive',
      base_model_id: base.body.model_id,
      // What was not asked for is as it was in the base.
      config: { epochs: 8, bins: 20, minimum_steps: 1 },
    });
    expect(done.model_id).not.toBe(done.base_model_id);
    const { text } = await call('GET', `/generators/${done.id}/download`, { token });
    expect(text).toContain('Hull');
  });

  it('is asked for over GraphQL too', async () => {
    const query = `mutation ($input: GenerateInput!) {
      generate(input: $input) { ... on Generator { id baseModelId } ... on ValidationError { fields { field } } }
    }`;
    const ask = async (input: object) =>
      (await call('POST', '/graphql', { token, json: { query, variables: { input } } })).body.data.generate;
    const input = { datasetId: newId, rowCount: 100, baseGeneratorId: baseId };
    const accepted = await ask({ ...input, generator: { autoregressive: { epochs: 1 } } });
    expect(accepted.baseModelId).toEqual(expect.any(String));
    expect(await ended(call, token, `/generators/${accepted.id}`)).toMatchObject({ status: 'completed' });
    expect(await ask({ ...input, generator: { independent: {} } })).toEqual({ fields: [{ field: 'generatorType' }] });
  });
});

describe('a run from a base is refused', () => {
  it('for another generator, and for other columns', async () => {
    const other = await generate(newId, { base_generator_id: baseId, generator_type: 'ctgan' });
    expectFailure(other, 422, 'validation_error');
    expect(other.body.errors[0]).toMatchObject({ field: 'generator_type', code: 'invalid_choice' });
    const { body } = await upload(call, token, csv(3, ['Bath', 'York'], 'age,town'));
    const answer = await generate(body.id, { base_generator_id: baseId });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([
      { field: 'base_generator_id', code: 'invalid_choice', message: expect.stringContaining('age, city') },
    ]);
  });

  it('for generators that start anew each time, private ones with the reason', async () => {
    const copula = await run(oldId, { generator_type: 'gaussian-copula' });
    const privately = await run(oldId, { generator_type: 'dp-ctgan', config: { steps: 5 } });
    for (const [id, reason] of [
      [copula.id, 'gaussian-copula'],
      [privately.id, 'budget'],
    ]) {
      const answer = await generate(newId, { base_generator_id: id });
      expectFailure(answer, 422, 'validation_error');
      expect(answer.body.errors[0]).toMatchObject({
        field: 'base_generator_id',
        message: expect.stringContaining(reason),
      });
    }
  });

  it("for another user's model, as if it were not there", async () => {
    const stranger = await logIn(call, 'stranger@example.com');
    const { body } = await upload(call, stranger, csv(1, ['Bath', 'York']));
    expectFailure(await generate(body.id, { base_generator_id: baseId }, stranger), 404, 'resource_not_found');
  });
});
