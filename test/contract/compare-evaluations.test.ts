import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, ended, expectFailure, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
let token: string;
let ids: { copula: string; independent: string };

const compare = (evaluation_ids: unknown, headers: Record<string, string> = {}, as = token) =>
  call('POST', '/evaluations/compare', { token: as, json: { evaluation_ids }, headers });

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
  const adult = (await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8')).split('\n');
  const dataset = (await upload(call, token, adult.slice(0, 501).join('\n'))).body.id;
  const train = async (generator_type: string) => {
    const json = { generator_type, num_rows: 400, seed: 3, name: `With <${generator_type}>` };
    const { body } = await call('POST', `/generators/dataset/${dataset}/generate`, { token, json });
    await ended(call, token, `/generators/${body.id}`);
    return body.id as string;
  };
  const evaluate = async (generator_id: string) => {
    const json = { generator_id, evaluators: [{ id: 'fidelity' }], seed: 1 };
    const { body } = await call('POST', '/evaluations/run', { token, json });
    await ended(call, token, `/evaluations/${body.id}`);
    return body.id as string;
  };
  ids = {
    copula: await evaluate(await train('gaussian-copula')),
    independent: await evaluate(await train('independent')),
  };
}, 120_000);
afterAll(() => studio?.close());

const brief = (scores: any[], idOf: (value: any) => string) =>
  scores.map(({ metric, best, values }) => [metric.id, best, values.map((v: any) => [idOf(v), v.value, v.holdout])]);

describe('evaluations side by side', () => {
  it('have each score with its meaning, its controls and the best of it', async () => {
    const { status, body, text } = await compare([ids.independent, ids.copula]);
    expect(status, text).toBe(200);
    expect(body.evaluations.map((one: any) => [one.evaluation_id, one.generator.type, one.privacy])).toEqual([
      [ids.independent, 'independent', null],
      [ids.copula, 'gaussian-copula', null],
    ]);
    for (const { generator, training_seconds } of body.evaluations) {
      expect(training_seconds).toBeGreaterThan(0);
      expect(generator.row_count).toBe(400);
    }
    const [fidelity] = body.evaluators;
    expect(fidelity).toMatchObject({ id: 'fidelity', incomparable: null });
    const trends = fidelity.scores.find(({ metric }: any) => metric.id === 'pair_trends');
    expect(trends.metric).toMatchObject({ better: 'higher', range: [0, 1], description: expect.any(String) });
    expect(trends.best).toEqual([ids.copula]);
    const report = (
      await call('GET', `/evaluations/${ids.copula}/report`, { token, headers: { accept: 'application/json' } })
    ).body;
    const valueOf = (subject: string) =>
      report.evaluators[0].values.find((v: any) => v.metric === 'pair_trends' && v.subject === subject).value;
    expect(trends.values[1]).toEqual({
      evaluation_id: ids.copula,
      value: valueOf('synthetic'),
      reason: null,
      interval: null,
      independent: valueOf('independent'),
      holdout: valueOf('holdout'),
    });
  });

  it('name all as best between which chance cannot be told from merit', async () => {
    const { body } = await compare([ids.independent, ids.copula]);
    const detection = body.evaluators[0].scores.find(({ metric }: any) => metric.id === 'detection_logistic');
    const [one, two] = detection.values;
    const meet = one.interval[0] <= two.interval[1] && two.interval[0] <= one.interval[1];
    expect(meet).toBe(true);
    expect(detection.best).toEqual([ids.independent, ids.copula]);
  });

  it('are one page for a browser, with every name as text', async () => {
    const page = await compare([ids.independent, ids.copula], { accept: 'text/html,*/*;q=0.8' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).toContain('A: With &lt;independent&gt;');
    expect(page.text).not.toContain('<independent>');
    expect(page.text).toContain('<svg role="img"');
  });

  it('are the same in GraphQL', async () => {
    const query = `query Compare($ids: [ID!]!) {
      compareEvaluations(ids: $ids) {
        evaluations { id generatorType trainingSeconds privacySpent { epsilon } evaluation { seed } }
        evaluators { id incomparable scores { metric { id } best values { evaluationId value interval { minimum } independent holdout } } }
        notes
      }
    }`;
    const answer = (given: string[]) => call('POST', '/graphql', { token, json: { query, variables: { ids: given } } });
    const { data } = (await answer([ids.copula, ids.independent])).body;
    const rest = (await compare([ids.copula, ids.independent])).body;
    expect(data.compareEvaluations.evaluations[0]).toMatchObject({ id: ids.copula, evaluation: { seed: 1 } });
    expect(data.compareEvaluations.notes).toEqual(rest.notes);
    expect(brief(data.compareEvaluations.evaluators[0].scores, (v) => v.evaluationId)).toEqual(
      brief(rest.evaluators[0].scores, (v) => v.evaluation_id),
    );
    const [error] = (await answer([ids.copula])).body.errors;
    expect(error.extensions.errors[0].field).toBe('ids');
  });

  it('must be two to five, each once', async () => {
    for (const [given, field] of [
      [[ids.copula], 'evaluation_ids'],
      [Array(6).fill(ids.copula), 'evaluation_ids'],
      [[ids.copula, ids.copula], 'evaluation_ids.1'],
    ] as const) {
      const refused = await compare(given);
      expectFailure(refused, 422, 'validation_error');
      expect(refused.body.errors[0].field).toBe(field);
    }
  });

  it('must be the caller’s own, and completed', async () => {
    const stranger = await logIn(call, 'stranger@example.com');
    expectFailure(await compare([ids.copula, ids.independent], {}, stranger), 404, 'resource_not_found');
    expectFailure(await compare([ids.copula, 'no-such-id']), 404, 'resource_not_found');
    const { body: evaluation } = await call('GET', `/evaluations/${ids.copula}`, { token });
    const { body } = await call('POST', '/evaluations/run', { token, json: { generator_id: evaluation.generator_id } });
    const refused = await compare([ids.copula, body.id]);
    expectFailure(refused, 409, 'conflict');
    expect(refused.body.detail).toContain(body.id);
    await call('POST', `/evaluations/${body.id}/cancel`, { token });
  });
});
