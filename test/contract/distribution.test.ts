import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const random = new RandomStream(3, 'test.distribution');
const TABLE = `age,income,city\n${Array.from({ length: 800 }, () => {
  const isHigh = random.next() < 0.2;
  return `${Math.floor(20 + 20 * random.next() + (isHigh ? 30 : 0))},${isHigh ? '>50K' : '<=50K'},${random.next() < 0.5 ? 'York' : 'Bath'}`;
}).join('\n')}\n`;
const HALVES = { income: { '<=50K': 0.5, '>50K': 0.5 } };

let studio: TestStudio;
let call: RestClient;
let token: string;
let datasetId: string;

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  datasetId = (await upload(call, token, TABLE)).body.id;
});
afterAll(() => studio?.close());

const generate = (json: object) =>
  call('POST', `/generators/dataset/${datasetId}/generate`, { token, json: { num_rows: 301, seed: 1, ...json } });

async function rowsOf(id: string): Promise<string[][]> {
  const done = await ended(call, token, `/generators/${id}`);
  expect(done.error).toBeNull();
  const { text } = await call('GET', `/generators/${id}/download`, { token });
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

const countOf = (rows: string[][], c: number, value: string) => rows.filter((row) => row[c] === value).length;

describe('shares of a column', () => {
  it.each(['autoregressive', 'gaussian-copula'])('are met to the row by %s, in rows of a mixed order', async (type) => {
    const accepted = await generate({ generator_type: type, distribution: HALVES });
    expect(accepted.status, accepted.text).toBe(201);
    const rows = await rowsOf(accepted.body.id);
    expect(rows).toHaveLength(301);
    // The odd row goes to the first of equal remainders.
    expect([countOf(rows, 1, '<=50K'), countOf(rows, 1, '>50K')]).toEqual([151, 150]);
    const first = countOf(rows.slice(0, 150), 1, '>50K');
    // Hypergeometric, standard deviation 4.3: five of them, one false alarm in two million.
    expect(Math.abs(first - 75)).toBeLessThan(22);
    const ages = (income: string) => rows.filter((row) => row[1] === income).map(([age]) => Number(age));
    expect(mean(ages('>50K')) - mean(ages('<=50K'))).toBeGreaterThan(15);
    const { body } = await call('GET', `/generators/${accepted.body.id}`, { token });
    expect(body.distribution).toEqual(HALVES);
  });

  it('go together with conditions, and with more rows from a model', async () => {
    const first = await generate({ generator_type: 'autoregressive', num_rows: 100 });
    await rowsOf(first.body.id);
    const more = await call('POST', `/generators/${first.body.id}/generate`, {
      token,
      json: { num_rows: 200, distribution: { income: { '>50K': 1 } }, conditions: { city: 'York' } },
    });
    expect(more.status, more.text).toBe(201);
    const rows = await rowsOf(more.body.id);
    expect([countOf(rows, 1, '>50K'), countOf(rows, 2, 'York')]).toEqual([200, 200]);
  });

  it('are given over GraphQL', async () => {
    const query = `mutation ($input: GenerateInput!) {
      generate(input: $input) { __typename ... on Generator { id distribution }
        ... on ValidationError { fields { field code } } }
    }`;
    const ask = async (distribution: object) => {
      const input = { datasetId, generator: { gaussianCopula: {} }, rowCount: 100, distribution };
      return (await call('POST', '/graphql', { token, json: { query, variables: { input } } })).body.data.generate;
    };
    const shares = [
      { value: '>50K', share: 0.75 },
      { value: '<=50K', share: 0.25 },
    ];
    const { id } = await ask({ column: 'income', shares });
    expect(countOf(await rowsOf(id), 1, '>50K')).toBe(75);
    expect(await ask({ column: 'income', shares: shares.slice(1) })).toEqual({
      __typename: 'ValidationError',
      fields: [{ field: 'distribution.income', code: 'range_error' }],
    });
  });

  it.each([
    [{ distribution: { income: { '>50K': 0.5 } } }, 'distribution.income', 'range_error'],
    [{ distribution: { income: { '>50K': 2, '<=50K': -1 } } }, 'distribution.income.>50K', 'range_error'],
    [{ distribution: { income: { rich: 1 } } }, 'distribution.income', 'invalid_choice'],
    [{ distribution: { wealth: { rich: 1 } } }, 'distribution.wealth', 'unknown_column'],
    [{ distribution: { ...HALVES, city: { York: 1 } } }, 'distribution.city', 'invalid_choice'],
    [{ distribution: HALVES, conditions: { income: '>50K' } }, 'distribution.income', 'invalid_choice'],
    [{ distribution: HALVES, generator_type: 'ctgan' }, 'distribution', 'invalid_choice'],
    [{ distribution: HALVES, generator_type: 'independent' }, 'distribution', 'invalid_choice'],
  ])('are refused for %j', async (json, field, code) => {
    const answer = await generate({ generator_type: 'autoregressive', ...json });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field, code });
  });
});

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}
