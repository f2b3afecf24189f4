import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const QUICK = { steps: 2, batch_size: 20, embedding_dim: 4, generator_dim: [8], discriminator_dim: [8] };
let csv: string;

beforeAll(async () => {
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  csv = adult.split('\n').slice(0, 301).join('\n');
});

async function open(env: Record<string, string> = {}) {
  const studio = await startStudio({ env });
  const call = createRestClient(studio);
  return { studio, call, token: await logIn(call, 'owner@example.com') };
}

describe('the account of a dataset', () => {
  let studio: TestStudio;
  let call: RestClient;
  let token: string;

  beforeAll(async () => {
    ({ studio, call, token } = await open());
  });
  afterAll(() => studio?.close());

  const newDataset = async () => (await upload(call, token, csv)).body.id as string;
  const privacyOf = async (id: string) => (await call('GET', `/datasets/${id}`, { token })).body.privacy;
  const limit = (id: string, privacy_limit: unknown, as = token) =>
    call('PATCH', `/datasets/${id}`, { token: as, json: { privacy_limit } });
  const generate = (id: string, json: object) =>
    call('POST', `/generators/dataset/${id}/generate`, { token, json: { num_rows: 100, ...json } });
  const train = async (id: string, epsilon: number, more: object = {}) => {
    const { body } = await generate(id, { generator_type: 'dp-ctgan', config: { ...QUICK, epsilon }, ...more });
    const done = await ended(call, token, `/generators/${body.id}`);
    expect(done).toMatchObject({ status: 'completed' });
    return done;
  };

  const query = async (text: string) => (await call('POST', '/graphql', { token, json: { query: text } })).body.data;

  it('is empty at first', async () => {
    const { body } = await upload(call, token, csv);
    expect(body.privacy).toEqual({ epsilon: 0, delta: 0, models: 0, unbounded_models: 0, limit: null });
  });

  it('adds up what the models spent, those of deleted runs too, and charges nothing for more rows', async () => {
    const id = await newDataset();
    const first = await train(id, 1);
    const second = await train(id, 2);
    const sum = {
      epsilon: expect.closeTo(first.privacy.epsilon + second.privacy.epsilon, 9),
      delta: expect.closeTo(first.privacy.delta + second.privacy.delta, 12),
      models: 2,
      unbounded_models: 0,
      limit: null,
    };
    expect(await privacyOf(id)).toEqual(sum);
    const more = await call('POST', `/generators/${first.id}/generate`, { token, json: { num_rows: 100 } });
    await ended(call, token, `/generators/${more.body.id}`);
    for (const generator of [first.id, second.id, more.body.id]) {
      await call('DELETE', `/generators/${generator}`, { token });
    }
    expect(await privacyOf(id)).toEqual(sum);
    const listed = (await call('GET', '/datasets', { token })).body.find((dataset: any) => dataset.id === id);
    expect(listed.privacy).toEqual(sum);
  });

  it('is the same in GraphQL, which sets the limit too', async () => {
    const id = await newDataset();
    const { privacy } = await train(id, 1);
    const fields = 'privacySpent { epsilon delta models unboundedModels limit { epsilon delta } }';
    const changed = await query(
      `mutation { updateDataset(id: "${id}", input: { privacyLimit: { epsilon: 4, delta: 0.01 } }) { ... on Dataset { ${fields} } } }`,
    );
    const spent = { ...privacy, models: 1, unboundedModels: 0, limit: { epsilon: 4, delta: 0.01 } };
    expect(changed.updateDataset.privacySpent).toEqual(spent);
    expect((await query(`{ dataset(id: "${id}") { ${fields} } }`)).dataset.privacySpent).toEqual(spent);
    const off = await query(
      `mutation { updateDataset(id: "${id}", input: { privacyLimit: null }) { ... on Dataset { ${fields} } } }`,
    );
    expect(off.updateDataset.privacySpent.limit).toBeNull();
  });

  it('refuses the model that would pass the limit, with both figures, and takes a smaller one', async () => {
    const id = await newDataset();
    const { privacy } = await train(id, 1);
    expect((await limit(id, { epsilon: 2 })).body.privacy.limit).toEqual({ epsilon: 2, delta: null });
    const refused = await generate(id, { generator_type: 'dp-ctgan', config: { ...QUICK, epsilon: 1.5 } });
    expectFailure(refused, 409, 'conflict');
    expect(refused.body.detail).toContain('limit is ε = 2');
    expect(refused.body.detail).toContain(String(Number(privacy.epsilon.toPrecision(6))));
    expect(refused.body.detail).toContain('may spend 1.5');
    expect((await privacyOf(id)).models).toBe(1);
    await train(id, 0.9);
    await limit(id, null);
    const free = await generate(id, { generator_type: 'dp-ctgan', config: { ...QUICK, epsilon: 1.5 } });
    expect(free.status).toBe(201);
    await call('POST', `/generators/${free.body.id}/cancel`, { token });
  });

  it('takes a δ of the limit to ask for the δ of each model', async () => {
    const id = await newDataset();
    await limit(id, { epsilon: 10, delta: 1e-5 });
    const config = { ...QUICK, epsilon: 1 };
    const missing = await generate(id, { generator_type: 'dp-ctgan', config });
    expectFailure(missing, 422, 'validation_error');
    expect(missing.body.errors[0]).toMatchObject({ field: 'config.delta', code: 'required' });
    const above = await generate(id, { generator_type: 'dp-ctgan', config: { ...config, delta: 2e-5 } });
    expectFailure(above, 409, 'conflict');
    expect(above.body.detail).toContain('limit is δ = 0.00001');
    const within = await generate(id, { generator_type: 'dp-ctgan', config: { ...config, delta: 1e-5 } });
    expect(within.status).toBe(201);
    await call('POST', `/generators/${within.body.id}/cancel`, { token });
  });

  it('counts models without a bound apart, and has no limit that would not hold', async () => {
    const plain = await newDataset();
    await ended(call, token, `/generators/${(await generate(plain, { generator_type: 'independent' })).body.id}`);
    expect(await privacyOf(plain)).toMatchObject({ epsilon: 0, models: 1, unbounded_models: 1 });
    expectFailure(await limit(plain, { epsilon: 1 }), 409, 'conflict');
    const seeded = await newDataset();
    const { privacy } = await train(seeded, 1, { seed: 5 });
    expect(await privacyOf(seeded)).toMatchObject({ epsilon: privacy.epsilon, models: 1, unbounded_models: 1 });
    expectFailure(await limit(seeded, { epsilon: 9 }), 409, 'conflict');
  });

  it('takes no generator under a limit that promises nothing, and no seed', async () => {
    const id = await newDataset();
    await limit(id, { epsilon: 9 });
    const plain = await generate(id, { generator_type: 'ctgan' });
    expectFailure(plain, 409, 'conflict');
    expect(plain.body.detail).toContain('ctgan promises no differential privacy');
    const seeded = await generate(id, { generator_type: 'dp-ctgan', seed: 1 });
    expectFailure(seeded, 409, 'conflict');
    expect(seeded.body.detail).toContain('leave the seed out');
  });

  it('is the owner’s alone to limit, and a limit has a meaning', async () => {
    const id = await newDataset();
    const stranger = await logIn(call, 'stranger@example.com');
    expectFailure(await limit(id, { epsilon: 1 }, stranger), 404, 'resource_not_found');
    for (const [value, field] of [
      [{ epsilon: 0 }, 'privacy_limit.epsilon'],
      [{ epsilon: 1, delta: 1 }, 'privacy_limit.delta'],
      [{}, 'privacy_limit.epsilon'],
    ] as const) {
      const refused = await limit(id, value);
      expectFailure(refused, 422, 'validation_error');
      expect(refused.body.errors[0].field).toBe(field);
    }
    expect((await privacyOf(id)).limit).toBeNull();
  });
});

describe('models in progress', () => {
  it('count at their budgets, and not at all when they were cancelled before they began', async () => {
    const { studio, call, token } = await open({ STUDIO_ROLE: 'api' });
    try {
      const { id } = (await upload(call, token, csv)).body;
      await call('PATCH', `/datasets/${id}`, { token, json: { privacy_limit: { epsilon: 3 } } });
      const start = (epsilon: number) =>
        call('POST', `/generators/dataset/${id}/generate`, {
          token,
          json: { generator_type: 'dp-ctgan', config: { epsilon, delta: 1e-6 } },
        });
      const privacyOf = async () => (await call('GET', `/datasets/${id}`, { token })).body.privacy;
      // Of several at once, no more than the limit allows.
      const answers = await Promise.all([start(1), start(1), start(1), start(1)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 409]);
      expect(await privacyOf()).toMatchObject({ epsilon: 3, delta: expect.closeTo(3e-6, 12), models: 3 });
      const accepted = answers.find(({ status }) => status === 201)!;
      await call('POST', `/generators/${accepted.body.id}/cancel`, { token });
      expect(await privacyOf()).toMatchObject({ epsilon: 2, models: 2 });
      expect((await start(1)).status).toBe(201);
    } finally {
      await studio.close();
    }
  });
});
