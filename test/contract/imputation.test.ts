import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const ROWS = 1500;
const HEADER = 'code,born,zip,amount,plan,level';

/** The level follows the plan, the amount follows the level; a fifth of those three cells, and of the dates, is missing. */
function makeRows(): string[][] {
  const random = new RandomStream(5, 'test.imputation');
  return Array.from({ length: ROWS }, (_, i) => {
    const plan = ['basic', 'plus', 'gold'][Math.floor(3 * random.next())]!;
    const level = { basic: 1, plus: 2, gold: 3 }[plan]!;
    const amount = (100 * level + 10 * random.next()).toFixed(2);
    const born = `19${50 + Math.floor(40 * random.next())}-0${1 + (i % 9)}-11`;
    // Every tenth spelled with more digits than the number needs.
    const spelled = i % 10 === 0 ? `${amount}0` : amount;
    const zip = `0${1000 + Math.floor(20 * random.next())}`;
    const gap = (cell: string) => (random.next() < 0.2 ? '' : cell);
    return [`K-${String(i).padStart(6, '0')}`, gap(born), zip, gap(spelled), gap(plan), gap(String(level))];
  });
}

const csv = (rows: readonly (readonly string[])[]) => `${HEADER}\n${rows.map((row) => row.join(',')).join('\n')}\n`;

let studio: TestStudio;
let call: RestClient;
let token: string;
let generatorId: string;
let datasetId: string;
const rows = makeRows();

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  datasetId = (await upload(call, token, csv(rows))).body.id;
  generatorId = await train({ generator_type: 'autoregressive' });
});
afterAll(() => studio?.close());

async function train(json: object): Promise<string> {
  const accepted = await call('POST', `/generators/dataset/${datasetId}/generate`, {
    token,
    json: { num_rows: 100, seed: 1, ...json },
  });
  expect(accepted.status, accepted.text).toBe(201);
  const done = await ended(call, token, `/generators/${accepted.body.id}`);
  expect(done.error).toBeNull();
  return accepted.body.id;
}

const impute = (json: object, id = generatorId, as = token) =>
  call('POST', `/generators/${id}/impute`, { token: as, json });

async function filledRows(id: string): Promise<string[][]> {
  const { text } = await call('GET', `/generators/${id}/download`, { token });
  const [header, ...lines] = text.trimEnd().split('\n');
  expect(header).toBe(HEADER);
  return lines.map((line) => line.split(','));
}

describe('a table with gaps', () => {
  it('comes back filled, as a dataset, and what was there is there letter for letter', async () => {
    const accepted = await impute({ dataset_id: datasetId, seed: 4, name: 'Whole' });
    expect(accepted.status, accepted.text).toBe(201);
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(done).toMatchObject({ status: 'completed', kind: 'impute', dataset_id: datasetId, num_rows: ROWS });
    const filled = await filledRows(done.id);
    expect(filled).toHaveLength(ROWS);
    filled.forEach((row, i) => {
      row.forEach((cell, c) => {
        if (rows[i]![c] === '') expect(cell).not.toBe('');
        else expect(cell).toBe(rows[i]![c]);
      });
    });
    for (const row of filled) expect(row[3]).toMatch(/^\d{3}(\.\d{1,3})?$/);
    for (const row of filled) expect(row[1]).toMatch(/^19\d\d-\d\d-\d\d$/);
    const output = await call('GET', `/datasets/${done.output_dataset_id}`, { token });
    expect(output.body).toMatchObject({ name: 'Whole', origin: 'synthetic', row_count: ROWS });
  });

  it('is filled by what the other cells of a row say', async () => {
    const accepted = await impute({ dataset_id: datasetId, seed: 4 });
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    const levels: Record<string, string> = { basic: '1', plus: '2', gold: '3' };
    const lacking = (await filledRows(done.id)).filter((_, i) => rows[i]![5] === '' && rows[i]![4] !== '');
    // By chance a third of them would agree.
    const right = lacking.filter((row) => row[5] === levels[row[4]!]).length;
    expect(right / lacking.length).toBeGreaterThan(0.95);
  });

  it('is filled in the same way by the same seed, over GraphQL too', async () => {
    const query = `mutation ($id: ID!, $input: ImputeInput!) {
      impute(generatorId: $id, input: $input) { __typename ... on Generator { id kind dataset { id } } }
    }`;
    const variables = { id: generatorId, input: { datasetId, seed: 4 } };
    const { body } = await call('POST', '/graphql', { token, json: { query, variables } });
    expect(body.data.impute).toMatchObject({ __typename: 'Generator', kind: 'IMPUTE', dataset: { id: datasetId } });
    await ended(call, token, `/generators/${body.data.impute.id}`);
    const again = await impute({ dataset_id: datasetId, seed: 4 });
    await ended(call, token, `/generators/${again.body.id}`);
    expect(await filledRows(body.data.impute.id)).toEqual(await filledRows(again.body.id));
  });

  it('may be another than the model learned from, with a new category and a column without any cell', async () => {
    const other = rows
      .slice(0, 200)
      .map(([code, born, zip, amount], i) => [code!, born!, zip!, amount!, i === 0 ? 'platinum' : '', '']);
    const { body } = await upload(call, token, csv(other));
    const accepted = await impute({ dataset_id: body.id, seed: 9 });
    expect(accepted.status, accepted.text).toBe(201);
    const done = await ended(call, token, `/generators/${accepted.body.id}`);
    expect(done).toMatchObject({ status: 'completed' });
    const filled = await filledRows(done.id);
    expect(filled[0]![4]).toBe('platinum');
    expect(new Set(filled.slice(1).map((row) => row[4]))).toEqual(new Set(['basic', 'plus', 'gold']));
    expect(new Set(filled.map((row) => row[5]))).toEqual(new Set(['1', '2', '3']));
    const { body: table } = await call('GET', `/datasets/${done.output_dataset_id}`, { token });
    const level = table.columns.find(({ name }: { name: string }) => name === 'level');
    expect(level).toMatchObject({ kind: expect.stringMatching(/integer|categorical/), missing_fraction: 0 });
  });
});

describe('an imputation is refused', () => {
  it('for a generator that cannot fill gaps, by name', async () => {
    const copula = await train({ generator_type: 'gaussian-copula' });
    const answer = await impute({ dataset_id: datasetId }, copula);
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([
      { field: 'generator_id', code: 'invalid_choice', message: expect.stringContaining('"gaussian-copula"') },
    ]);
  });

  it.each([
    ['without a column that was learned', 'code,born,zip,amount,plan\na,,01001,1.00,basic\n', 'level'],
    ['of another kind', `${HEADER}\na,,01001,much,basic,1\nb,1950-01-11,01001,little,,2\n`, 'amount'],
    ['without gaps', `${HEADER}\na,1950-01-11,01001,1.00,basic,1\nb,1951-01-11,01001,2.00,gold,2\n`, 'no gap'],
  ])('for a dataset %s', async (_, text, message) => {
    const { body } = await upload(call, token, text);
    const answer = await impute({ dataset_id: body.id });
    expectFailure(answer, 422, 'validation_error');
    expect(answer.body.errors[0]).toMatchObject({ field: 'dataset_id', message: expect.stringContaining(message) });
  });

  it("for another user's dataset or model, as if it were not there", async () => {
    const stranger = await logIn(call, 'stranger@example.com');
    expectFailure(await impute({ dataset_id: datasetId }, generatorId, stranger), 404, 'resource_not_found');
    const { body } = await upload(call, stranger, csv(rows.slice(0, 50)));
    expectFailure(await impute({ dataset_id: body.id }), 404, 'resource_not_found');
  });
});
