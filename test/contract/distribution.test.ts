import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const random = new RandomStream(3, 'test.distribution');
const TABLE = `age,income,city\n${Array.from({ length: 800 }, () => {
  const isHigh = random.next() < 0.2;
  return `${Math.floor(20 + 20 * random.next() + (isHigh ? 30 : 0))},${isHigh ? '>50K' : '<=50K'},${random.next() < 0.5 ? 'York' : 'Bath'}`;
}).join('\n')}\n`;
const people = new RandomStream(4, 'test.distribution');
/** High incomes are rare, and more so where the sex is f; who is a child is of no trade. */
const PEOPLE = `sex,income,trade,stage\n${Array.from({ length: 3000 }, () => {
  const sex = people.next() < 0.3 ? 'f' : 'm';
  const income = people.next() < (sex === 'f' ? 0.05 : 0.25) ? 'high' : 'low';
  const stage = people.next() < 0.3 ? 'child' : 'grown';
  const trade = stage === 'child' ? 'none' : people.next() < 0.6 ? 'smith' : 'clerk';
  return [sex, income, trade, stage].join(',');
}).join('\n')}\n`;
/** As many as there are: with two other columns of two values, more combinations than are taken. */
const AGES = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [String(i), 1 / 200]));
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
    [{ distribution: { ...HALVES, city: { York: 0.5 } } }, 'distribution.city', 'range_error'],
    [{ distribution: { ...HALVES, age: AGES, city: { York: 0.5, Bath: 0.5 } } }, 'distribution', 'range_error'],
    [{ distribution: { ...HALVES, city: { Leeds: 1 } } }, 'distribution.city', 'invalid_choice'],
    [{ distribution: HALVES, conditions: { income: '>50K' } }, 'distribution.income', 'invalid_choice'],
    [{ distribution: HALVES, generator_type: 'ctgan' }, 'distribution', 'invalid_choice'],
    [{ distribution: HALVES, generator_type: 'independent' }, 'distribution', 'invalid_choice'],
  ])('are refused for %j', async (json, field, code) => {
    const answer = await generate({ generator_type: 'autoregressive', ...json });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field, code });
  });
});

/** As GraphQL takes them. */
function marginInput(column: string, given: Record<string, number>) {
  return { column, shares: Object.entries(given).map(([value, share]) => ({ value, share })) };
}

describe('shares of several columns', () => {
  const wished = {
    sex: { f: 0.5, m: 0.5 },
    income: { high: 0.4, low: 0.6 },
    trade: { smith: 0.2, clerk: 0.3, none: 0.5 },
  };
  let peopleId: string;
  beforeAll(async () => {
    peopleId = (await upload(call, token, PEOPLE)).body.id;
  });
  const generatePeople = (json: object) =>
    call('POST', `/generators/dataset/${peopleId}/generate`, { token, json: { num_rows: 999, seed: 1, ...json } });

  it.each([
    ['autoregressive', { epochs: 20, minimum_steps: 1 }],
    ['gaussian-copula', {}],
    ['dp-autoregressive', { epsilon: 10 }],
  ])('are met to the row by %s, with values together as the model has them', async (type, config) => {
    const accepted = await generatePeople({ generator_type: type, config, distribution: wished });
    expect(accepted.status, accepted.text).toBe(201);
    const rows = await rowsOf(accepted.body.id);
    expect(rows).toHaveLength(999);
    // By largest remainders: 499.5, 499.5; 399.6, 599.4; 199.8, 299.7, 499.5.
    expect([countOf(rows, 0, 'f'), countOf(rows, 0, 'm')]).toEqual([500, 499]);
    expect([countOf(rows, 1, 'high'), countOf(rows, 1, 'low')]).toEqual([400, 599]);
    expect(['smith', 'clerk', 'none'].map((trade) => countOf(rows, 2, trade))).toEqual([200, 300, 499]);
    const highOf = (sex: string) => rows.filter(([own, income]) => own === sex && income === 'high').length;
    // Odds of .05 and .25 keep a ratio of 6.3, which makes 108 and 292 of the halves; 40 is five deviations of what was learned of 3,000 rows.
    if (type !== 'gaussian-copula') expect(Math.abs(highOf('f') - 108)).toBeLessThan(40);
    expect(highOf('f')).toBeLessThan(highOf('m'));
    const { body } = await call('GET', `/generators/${accepted.body.id}`, { token });
    expect(body.distribution).toEqual(wished);
  });

  it('go together with conditions and lists, over GraphQL', async () => {
    const query = `mutation ($input: GenerateInput!) {
      generate(input: $input) { ... on Generator { id distribution } ... on ValidationError { fields { field code } } }
    }`;
    const ask = async (distribution: readonly object[]) => {
      const input = {
        datasetId: peopleId,
        generator: { autoregressive: { epochs: 8, minimumSteps: 1 } },
        rowCount: 100,
        conditions: [{ column: 'trade', values: ['smith', 'clerk'] }],
        distribution,
      };
      return (await call('POST', '/graphql', { token, json: { query, variables: { input } } })).body.data.generate;
    };
    const distribution = [marginInput('sex', { f: 0.9, m: 0.1 }), marginInput('income', { high: 0.5, low: 0.5 })];
    const run = await ask(distribution);
    expect(run.distribution).toEqual(distribution);
    const rows = await rowsOf(run.id);
    expect([countOf(rows, 0, 'f'), countOf(rows, 1, 'high'), countOf(rows, 2, 'none')]).toEqual([90, 50, 0]);
    expect(await ask([distribution[0]!, distribution[0]!])).toEqual({
      fields: [{ field: 'distribution.sex', code: 'invalid_choice' }],
    });
  });

  it('that ask for combinations which the model does not have fail, and the run says which', async () => {
    const distribution = { stage: { child: 0.8, grown: 0.2 }, trade: { none: 0.5, smith: 0.5 } };
    const accepted = await generatePeople({
      generator_type: 'autoregressive',
      config: { epochs: 20, shrinkage: 0 },
      distribution,
    });
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(done.error).toEqual({
      type: 'validation_error',
      detail:
        'These shares cannot be met together: in this model rows with "stage" "child" have "trade" "none" only, which 500 of the 999 rows are to have',
    });
  });
});

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}
