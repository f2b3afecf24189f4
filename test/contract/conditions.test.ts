import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/program.js';
import { startStudio, type TestStudio } from '../support/studio.js';

/** Everybody has a job from the age of 30 on. */
const WITH_GAPS = `age,sex,job\n${Array.from({ length: 300 }, (_, i) => `${20 + ((i * 7) % 40)},${i % 2 ? 'f' : 'm'},${(i * 7) % 40 < 10 ? '' : i % 3 ? 'clerk' : 'smith'}`).join('\n')}\n`;
const TABLE = `age,sex,joined\n${Array.from({ length: 60 }, (_, i) => `${20 + ((i * 7) % 40)},${i % 2 ? 'f' : 'm'},2024-01-${String(1 + (i % 28)).padStart(2, '0')}`).join('\n')}\n`;

describe('conditions of a run', () => {
  let studio: TestStudio;
  let client: Client;
  let datasetId: string;
  beforeAll(async () => {
    studio = await startStudio({ listen: true });
    client = await new Client(studio.url).register();
    datasetId = (await client.upload(TABLE)).body.id;
  });
  afterAll(() => studio.close());

  const generate = (conditions: unknown) =>
    client.send('POST', `/generators/dataset/${datasetId}/generate`, {
      generator_type: 'gaussian-copula',
      num_rows: 100,
      conditions,
    });

  it.each([
    [{ sex: 'x' }, { field: 'conditions.sex', code: 'invalid_choice', message: '"sex" has no value "x"' }],
    [
      { sex: ' F' },
      { field: 'conditions.sex', code: 'invalid_choice', message: '"sex" has no value " F"; did you mean "f"?' },
    ],
    [{ age: 500 }, { field: 'conditions.age', code: 'range_error', message: '"age" has no value 500' }],
    [{ age: { max: 3 } }, { field: 'conditions.age', code: 'range_error' }],
    [{ joined: { min: '2030-01-01' } }, { field: 'conditions.joined', code: 'range_error' }],
    [{ sex: ['f', 'x'] }, { field: 'conditions.sex', code: 'invalid_choice', message: '"sex" has no value "x"' }],
    [{ age: [30, 500] }, { field: 'conditions.age', code: 'range_error', message: '"age" has no value 500' }],
    [
      { joined: ['2024-01-02', '2031-01-02'] },
      { code: 'range_error', message: '"joined" has no value 2031-01-02T00:00:00.000Z' },
    ],
  ])('%j is refused before any training, since the table has no such row', async (conditions, error) => {
    expect(await generate(conditions)).toMatchObject({ status: 422, body: { errors: [error] } });
  });

  it.each([
    [{ sex: [] }, 'conditions.sex'],
    [{ sex: ['f', 'f'] }, 'conditions.sex.1'],
    [{ sex: ['f', ['m']] }, 'conditions.sex.1'],
    [{ age: [30, { min: 40 }] }, 'conditions.age.1'],
    [{ age: Array.from({ length: 257 }, (_, i) => i) }, 'conditions.age'],
    [{ age: [30, '30'] }, 'conditions.age'],
    [{ age: [30, null] }, 'conditions.age'],
  ])('%j is no list of values', async (conditions, field) => {
    expect(await generate(conditions)).toMatchObject({ status: 422, body: { errors: [{ field }] } });
  });

  it('that rows meet are met by every synthetic row', async () => {
    const { status, body } = await generate({ sex: 'f', age: { min: 30, max: 40 } });
    expect(status).toBe(201);
    const run = await client.ended(`/generators/${body.id}`);
    expect(run).toMatchObject({ status: 'completed' });
    const rows: string[] = (await client.call('GET', `/generators/${body.id}/download`)).trim().split('\n').slice(1);
    expect(rows).toHaveLength(100);
    for (const row of rows) {
      const [age, sex] = row.split(',');
      expect(sex).toBe('f');
      expect(Number(age)).toBeGreaterThanOrEqual(30);
      expect(Number(age)).toBeLessThanOrEqual(40);
    }
  });

  const rowsOf = async (id: string): Promise<string[][]> => {
    expect(await client.ended(`/generators/${id}`)).toMatchObject({ status: 'completed' });
    const text: string = await client.call('GET', `/generators/${id}/download`);
    return text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  };

  describe('of the autoregressive generator', () => {
    let gappyId: string;
    beforeAll(async () => {
      gappyId = (await client.upload(WITH_GAPS)).body.id;
    });
    const config = { epochs: 4, minimum_steps: 1 };

    it('hold a category, a range and a missing cell together, by REST', async () => {
      const conditions = { sex: 'f', age: { min: 22, max: 28 }, job: null };
      const { status, body } = await client.send('POST', `/generators/dataset/${gappyId}/generate`, {
        generator_type: 'autoregressive',
        num_rows: 100,
        config,
        conditions,
      });
      expect(status).toBe(201);
      const rows = await rowsOf(body.id);
      expect(rows).toHaveLength(100);
      expect(rows.every(([age, sex, job]) => Number(age) >= 22 && Number(age) <= 28 && sex === 'f' && job === '')).toBe(
        true,
      );
      expect(await client.call('GET', `/generators/${body.id}`)).toMatchObject({ conditions });
    });

    it('hold one of listed values, missing ones too, by REST and in more rows by GraphQL', async () => {
      const conditions = { age: [23, 28, 35, 41], job: [null, 'smith'] };
      const { status, body } = await client.send('POST', `/generators/dataset/${gappyId}/generate`, {
        generator_type: 'autoregressive',
        num_rows: 200,
        config,
        conditions,
      });
      expect(status, JSON.stringify(body)).toBe(201);
      const isMet = ([age, , job]: string[]) => conditions.age.includes(Number(age)) && ['', 'smith'].includes(job!);
      const rows = await rowsOf(body.id);
      expect(rows.every(isMet)).toBe(true);
      expect(new Set(rows.map(([, , job]) => job))).toEqual(new Set(['', 'smith']));
      expect(await client.call('GET', `/generators/${body.id}`)).toMatchObject({ conditions });

      const query = `mutation ($id: ID!, $input: SampleInput!) {
        sample(generatorId: $id, input: $input) { ... on Generator { id conditions } ... on ValidationError { fields { field code } } }
      }`;
      const sample = async (listed: object) => {
        const variables = { id: body.id, input: { rowCount: 100, conditions: [{ column: 'job', ...listed }] } };
        return (await client.call('POST', '/graphql', { query, variables })).data.sample;
      };
      const more = await sample({ values: ['clerk', null] });
      expect(more.conditions).toEqual([{ column: 'job', values: ['clerk', null] }]);
      expect((await rowsOf(more.id)).every(([, , job]) => job === '' || job === 'clerk')).toBe(true);
      for (const wrong of [{ values: ['clerk'], value: 'smith' }, { values: [] }, { values: ['smith', 'smith'] }]) {
        expect((await sample(wrong)).fields).toMatchObject([{ field: 'conditions.job' }]);
      }
    });

    it('and by GraphQL', async () => {
      const query = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Generator { id } } }`;
      const input = {
        datasetId: gappyId,
        generator: { autoregressive: { epochs: 4, minimumSteps: 1 } },
        rowCount: 100,
        conditions: [
          { column: 'sex', value: 'm' },
          { column: 'age', min: 35 },
          { column: 'job', value: 'smith' },
        ],
      };
      const { data } = await client.call('POST', '/graphql', { query, variables: { input } });
      const rows = await rowsOf(data.generate.id);
      expect(rows).toHaveLength(100);
      expect(rows.every(([age, sex, job]) => Number(age) >= 35 && sex === 'm' && job === 'smith')).toBe(true);
    });
  });
});
