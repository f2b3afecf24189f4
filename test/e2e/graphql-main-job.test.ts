import { openAsBlob } from 'node:fs';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startStudio, type TestStudio } from '../support/studio.js';

const CREDENTIALS = { email: 'ann@example.com', password: 'secure-password' };
const RUN_TIMEOUT = 120_000;

/** The main job over GraphQL alone, on the real table and with real trainers. Each step goes on from the one before. */
describe('the main job over GraphQL', () => {
  let studio: TestStudio;
  let token = '';
  let datasetId = '';
  let generatorId = '';

  beforeAll(async () => {
    studio = await startStudio({ listen: true });
  });
  afterAll(() => studio.close());

  const headers = () => (token === '' ? {} : { authorization: `Bearer ${token}` });
  const post = async (query: string, variables: unknown = {}): Promise<any> => {
    const response = await fetch(`${studio.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers() },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: any; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  };
  const watch = async (query: string, variables: Record<string, unknown>): Promise<any[]> => {
    const client = createClient({
      url: `${studio.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: headers(),
      retryAttempts: 0,
    });
    const seen: any[] = [];
    for await (const { data, errors } of client.iterate<Record<string, unknown>>({ query, variables })) {
      expect(errors).toBeUndefined();
      seen.push(Object.values(data!)[0]);
    }
    await client.dispose();
    return seen;
  };

  const refuse = async (input: object) =>
    (
      await post(
        `mutation ($input: GenerateInput!) {
          generate(input: $input) { __typename ... on ValidationError { fields { field code } } }
        }`,
        { input: { datasetId, generator: { gaussianCopula: {} }, ...input } },
      )
    ).generate.fields;

  it('registers and logs in', async () => {
    const { register } = await post(
      'mutation ($input: RegisterInput!) { register(input: $input) { ... on User { email role } } }',
      { input: CREDENTIALS },
    );
    expect(register).toEqual({ email: CREDENTIALS.email, role: 'USER' });
    const again = await post(
      'mutation ($input: RegisterInput!) { register(input: $input) { ... on Error { code } } }',
      {
        input: CREDENTIALS,
      },
    );
    expect(again.register.code).toBe('already_exists');
    const { login } = await post(
      'mutation ($input: LoginInput!) { login(input: $input) { ... on Session { accessToken user { email } } } }',
      { input: CREDENTIALS },
    );
    expect(login.user.email).toBe(CREDENTIALS.email);
    token = login.accessToken;
  });

  it('uploads the table', async () => {
    const form = new FormData();
    const query = `mutation ($file: File!) {
      uploadDataset(file: $file) { ... on Dataset { id rowCount columnCount columns { name kind } } ... on Error { message } }
    }`;
    form.append('operations', JSON.stringify({ query, variables: { file: null } }));
    form.append('map', JSON.stringify({ 0: ['variables.file'] }));
    form.append('0', await openAsBlob('assets/adult.csv'), 'adult.csv');
    const response = await fetch(`${studio.url}/graphql`, { method: 'POST', headers: headers(), body: form });
    const { data } = (await response.json()) as { data: any };
    expect(data.uploadDataset).toMatchObject({ rowCount: 32_561, columnCount: 15 });
    expect(data.uploadDataset.columns[0]).toEqual({ name: 'age', kind: 'INTEGER' });
    datasetId = data.uploadDataset.id;
  });

  it('tells what is wrong with a file', async () => {
    const form = new FormData();
    const query = 'mutation ($file: File!) { uploadDataset(file: $file) { __typename ... on Error { code message } } }';
    form.append('operations', JSON.stringify({ query, variables: { file: null } }));
    form.append('map', JSON.stringify({ 0: ['variables.file'] }));
    form.append('0', new Blob(['%PDF-1.7\n']), 'table.pdf');
    const response = await fetch(`${studio.url}/graphql`, { method: 'POST', headers: headers(), body: form });
    const { data } = (await response.json()) as { data: any };
    expect(data.uploadDataset).toMatchObject({ __typename: 'BadRequestError', code: 'unsupported_format' });
  });

  it('shows the rows page by page', async () => {
    const query = `query ($id: ID!, $after: String) {
      dataset(id: $id) {
        rows(first: 2, after: $after) {
          columns totalCount
          edges { node { index values } }
          pageInfo { hasNextPage hasPreviousPage endCursor }
        }
      }
    }`;
    const first = (await post(query, { id: datasetId })).dataset.rows;
    expect(first.columns).toHaveLength(15);
    expect(first.edges[0].node.values.slice(0, 2)).toEqual([39, ' State-gov']);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = (await post(query, { id: datasetId, after: first.pageInfo.endCursor })).dataset.rows;
    expect(second.edges.map((edge: any) => edge.node.index)).toEqual([2, 3]);
  });

  it('takes decisions about columns', async () => {
    const { updateDataset } = await post(
      `mutation ($id: ID!, $input: UpdateDatasetInput!) {
        updateDataset(id: $id, input: $input) {
          ... on Dataset { name description columns { name kind } columnOverrides { column kind bounds { minimum maximum } } }
          ... on Error { message }
        }
      }`,
      {
        id: datasetId,
        input: {
          name: 'Census',
          columns: [{ column: 'age', kind: 'CONTINUOUS', bounds: { minimum: 0, maximum: 120 } }],
        },
      },
    );
    expect(updateDataset).toMatchObject({
      name: 'Census',
      description: null,
      columnOverrides: [{ column: 'age', kind: 'CONTINUOUS', bounds: { minimum: 0, maximum: 120 } }],
    });
    const refused = await post(
      `mutation ($id: ID!) {
        updateDataset(id: $id, input: { columns: [{ column: "nobody", kind: INTEGER }] }) { ... on Error { code message } }
      }`,
      { id: datasetId },
    );
    expect(refused.updateDataset.code).toBe('validation_error');
    expect(refused.updateDataset.message).toContain('nobody');
  });

  it(
    'trains, and tells how far it is until the rows are there',
    async () => {
      const { generate } = await post(
        `mutation ($input: GenerateInput!) {
          generate(input: $input) {
            ... on Generator { id status seed config }
            ... on Error { message }
            ... on ValidationError { fields { field message } }
          }
        }`,
        {
          input: {
            datasetId,
            generator: { gaussianCopula: { quantileBins: 100 } },
            rowCount: 200,
            seed: 7,
            conditions: [
              { column: 'sex', value: ' Female' },
              { column: 'age', min: 30, max: 40 },
            ],
          },
        },
      );
      expect(generate).toMatchObject({ status: 'PENDING', seed: 7, config: { quantile_bins: 100 } });
      generatorId = generate.id;
      const states = await watch(
        `subscription ($id: ID!) {
          generationProgress(generatorId: $id) {
            generatorId status progress phase error { detail }
            generator { rows(first: 200) { columns edges { node { values } } } downloadUrl }
          }
        }`,
        { id: generatorId },
      );
      const last = states.at(-1);
      expect(last).toMatchObject({ generatorId, status: 'COMPLETED', progress: 100, error: null });
      const progress = states.map((state) => state.progress);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
      const { columns, edges } = last.generator.rows;
      const cells = (name: string) => edges.map((edge: any) => edge.node.values[columns.indexOf(name)]);
      expect(edges).toHaveLength(200);
      expect(new Set(cells('sex'))).toEqual(new Set([' Female']));
      expect(cells('age').every((age: number) => age >= 30 && age <= 40)).toBe(true);
      const file = await fetch(`${studio.url}${last.generator.downloadUrl}`, { headers: headers() });
      expect((await file.text()).trim().split('\n')).toHaveLength(201);
    },
    RUN_TIMEOUT,
  );

  it('names what is wrong with a wish, as the caller wrote it', async () => {
    expect(await refuse({ rowCount: 5 })).toEqual([{ field: 'rowCount', code: 'range_error' }]);
    expect(await refuse({ generator: { gaussianCopula: { quantileBins: -1 } } })).toEqual([
      { field: 'generator.gaussianCopula.quantileBins', code: 'range_error' },
    ]);
    expect(await refuse({ conditions: [{ column: 'nobody', value: 1 }] })).toEqual([
      { field: 'conditions.nobody', code: 'unknown_column' },
    ]);
    expect(await refuse({ conditions: [{ column: 'age', value: 1, max: 3 }] })).toEqual([
      { field: 'conditions.age', code: 'invalid_choice' },
    ]);
  });

  it(
    'draws more rows from the model',
    async () => {
      const { sample } = await post(
        'mutation ($id: ID!) { sample(generatorId: $id, input: { rowCount: 150 }) { ... on Generator { id } ... on Error { message } } }',
        { id: generatorId },
      );
      const states = await watch('subscription ($id: ID!) { generationProgress(generatorId: $id) { status } }', {
        id: sample.id,
      });
      expect(states.at(-1)).toEqual({ status: 'COMPLETED' });
    },
    RUN_TIMEOUT,
  );

  it(
    'evaluates, with the report',
    async () => {
      const { evaluate } = await post(
        `mutation ($id: ID!) {
          evaluate(input: { generatorId: $id, evaluators: [{ fidelity: {} }], seed: 1 }) {
            ... on Evaluation { id status evaluators { id } } ... on Error { message }
          }
        }`,
        { id: generatorId },
      );
      expect(evaluate.evaluators).toEqual([{ id: 'fidelity' }]);
      const states = await watch(
        `subscription ($id: ID!) {
          evaluationProgress(evaluationId: $id) {
            evaluationId status progress error { detail } evaluation { scores { evaluator metric value } report reportUrl }
          }
        }`,
        { id: evaluate.id },
      );
      const { status, evaluation } = states.at(-1);
      expect(status).toBe('COMPLETED');
      expect(evaluation.scores[0]).toMatchObject({ evaluator: 'fidelity', value: expect.any(Number) });
      expect(evaluation.report.evaluators).toHaveLength(1);
      const page = await fetch(`${studio.url}${evaluation.reportUrl}`, {
        headers: { ...headers(), accept: 'text/html' },
      });
      expect(await page.text()).toContain('<html');
    },
    RUN_TIMEOUT,
  );

  it('lists with cursors, counts and what belongs together', async () => {
    const page = `edges { cursor node { id status dataset { name } outputDataset { origin rowCount } } } pageInfo { hasNextPage endCursor }`;
    const { generators } = await post(`{ generators(first: 1) { totalCount ${page} } }`);
    expect(generators).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    expect(generators.edges[0].node).toMatchObject({
      status: 'COMPLETED',
      dataset: { name: 'Census' },
      outputDataset: { origin: 'SYNTHETIC', rowCount: 150 },
    });
    const rest = (
      await post(`query ($after: String) { generators(first: 10, after: $after) { ${page} } }`, {
        after: generators.pageInfo.endCursor,
      })
    ).generators;
    expect(rest.edges.map((edge: any) => edge.node.id)).toEqual([generatorId]);
    const { datasets } = await post(
      '{ datasets(filter: { origin: UPLOAD, nameContains: "cens" }, orderBy: NAME_ASC) { totalCount edges { node { id } } } }',
    );
    expect(datasets).toEqual({ totalCount: 1, edges: [{ node: { id: datasetId } }] });
    const { evaluations } = await post('{ evaluations { edges { node { generator { id } dataset { id } } } } }');
    expect(evaluations.edges).toEqual([{ node: { generator: { id: generatorId }, dataset: { id: datasetId } } }]);
    const { node } = await post('query ($id: ID!) { node(id: $id) { __typename id } }', { id: generatorId });
    expect(node).toEqual({ __typename: 'Generator', id: generatorId });
  });

  it('shows a stranger nothing', async () => {
    const own = token;
    const stranger = { email: 'eve@example.com', password: 'secure-password' };
    await post('mutation ($input: RegisterInput!) { register(input: $input) { __typename } }', { input: stranger });
    const { login } = await post(
      'mutation ($input: LoginInput!) { login(input: $input) { ... on Session { accessToken } } }',
      { input: stranger },
    );
    token = login.accessToken;
    const seen = await post(
      `query ($d: ID!, $g: ID!) { dataset(id: $d) { id } generator(id: $g) { id } node(id: $g) { id } generators { totalCount } }`,
      { d: datasetId, g: generatorId },
    );
    expect(seen).toEqual({ dataset: null, generator: null, node: null, generators: { totalCount: 0 } });
    const { deleteDataset } = await post('mutation ($d: ID!) { deleteDataset(id: $d) { ... on Error { code } } }', {
      d: datasetId,
    });
    expect(deleteDataset.code).toBe('resource_not_found');
    token = own;
  });

  it('tells of what happens, then deletes, and logs out', async () => {
    const client = createClient({
      url: `${studio.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: headers(),
    });
    const opened = Promise.withResolvers<void>();
    client.on('message', () => opened.resolve());
    const events = client.iterate<{ events: any }>({
      query: 'subscription { events { type subjectId subject { id } } }',
    });
    const next = events.next();
    // The source is open once another operation of the same connection has been answered.
    await client.iterate({ query: '{ me { id } }' }).next();
    const { deleteGenerator } = await post(
      'mutation ($id: ID!) { deleteGenerator(id: $id) { ... on Deleted { id } } }',
      {
        id: generatorId,
      },
    );
    expect(deleteGenerator).toEqual({ id: generatorId });
    await post('mutation ($id: ID!) { deleteDataset(id: $id) { ... on Deleted { id } ... on Error { message } } }', {
      id: datasetId,
    });
    expect((await next).value.data.events).toEqual({ type: 'DATASET_DELETED', subjectId: datasetId, subject: null });
    await events.return!();
    await client.dispose();
    expect(await post('mutation { logout }')).toEqual({ logout: true });
    const response = await fetch(`${studio.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers() },
      body: JSON.stringify({ query: '{ me { id } }' }),
    });
    const { errors } = (await response.json()) as { errors: { extensions: unknown }[] };
    expect(errors[0]!.extensions).toMatchObject({ type: 'authentication_error' });
  });
});
