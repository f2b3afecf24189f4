import { isEnumType, isInterfaceType } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE, FIELD_ERROR_CODES, invalid, StudioError } from '../../src/core/errors/index.js';
import { createRegistry } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { createSchema } from '../../src/schema/create-schema.js';
import { type GraphqlDoor, openGraphqlDoor, type ServiceParts } from '../support/graphql-door.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
let door: GraphqlDoor | undefined;
afterEach(async () => {
  await door?.app.close();
  door = undefined;
});
const open = async (parts: ServiceParts) => (door = await openGraphqlDoor(parts));

describe('the catalogue', () => {
  const schema = createSchema(createRegistry(builtInPlugins));

  const codes = (name: string) => {
    const type = schema.getType(name);
    return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
  };

  it('is the same in GraphQL as in REST', () => {
    expect(codes('ErrorCode')).toEqual(Object.keys(ERROR_CATALOGUE).toSorted());
    expect(codes('FieldErrorCode')).toEqual(FIELD_ERROR_CODES.toSorted());
  });

  it('gives every error a message and a code', () => {
    const error = schema.getType('Error');
    const types = isInterfaceType(error) ? schema.getImplementations(error).objects : [];
    expect(types.length).toBeGreaterThan(5);
    for (const type of types)
      expect(Object.keys(type.getFields())).toEqual(expect.arrayContaining(['message', 'code']));
  });
});

describe('expected failures', () => {
  it('are results, with the fields as GraphQL calls them', async () => {
    const { post } = await open({
      generators: {
        generate: async () => {
          throw invalid(
            { field: 'num_rows', message: 'Must be between 100 and 100000', code: 'range_error' },
            { field: 'config.quantile_bins', message: 'Too small', code: 'range_error' },
            { field: 'conditions.marital_status', message: 'No such column', code: 'unknown_column' },
          );
        },
      },
    });
    const { data, errors } = await post(`mutation {
      generate(input: { datasetId: "1", generator: { gaussianCopula: { quantileBins: 2 } }, rowCount: 5 }) {
        __typename
        ... on Error { message code }
        ... on ValidationError { fields { field code } }
      }
    }`);
    expect(errors).toBeUndefined();
    expect(data.generate).toEqual({
      __typename: 'ValidationError',
      message: 'Validation failed',
      code: 'validation_error',
      fields: [
        { field: 'rowCount', code: 'range_error' },
        { field: 'generator.gaussianCopula.quantileBins', code: 'range_error' },
        { field: 'conditions.marital_status', code: 'unknown_column' },
      ],
    });
  });

  it.each([
    ['resource_not_found', 'NotFoundError', null],
    ['conflict', 'ConflictError', null],
    ['concurrency_limit_exceeded', 'LimitError', 30],
    ['unavailable', 'UnavailableError', 30],
  ] as const)('of the type %s are a %s', async (type, name, retryAfter) => {
    const { post } = await open({
      generators: {
        sample: async () => {
          throw new StudioError(type, 'Why', { retryAfter: 30 });
        },
      },
    });
    const { data } = await post(`mutation {
      sample(generatorId: "1", input: {}) {
        __typename
        ... on Error { message code }
        ... on LimitError { retryAfter }
        ... on UnavailableError { retryAfter }
      }
    }`);
    expect(data.sample).toEqual({
      __typename: name,
      message: 'Why',
      code: type,
      ...(retryAfter !== null && { retryAfter }),
    });
  });

  it('that the union does not have are errors with the envelope', async () => {
    const { post } = await open({
      generators: {
        cancel: async () => {
          throw new StudioError('permission_denied', 'Administrators only');
        },
      },
    });
    const { errors } = await post('mutation { cancelGeneration(id: "1") { __typename } }');
    expect(errors![0]).toMatchObject({
      message: 'Administrators only',
      path: ['cancelGeneration'],
      extensions: { type: 'permission_denied', detail: 'Administrators only', status_code: 403 },
    });
  });

  it('leave a query for one thing null where there is none', async () => {
    const { post } = await open({
      datasets: {
        get: async () => {
          throw new StudioError('resource_not_found', 'Dataset not found');
        },
      },
    });
    expect(await post('{ dataset(id: "no-id-at-all") { id } }')).toMatchObject({
      status: 200,
      data: { dataset: null },
    });
  });

  it('of a list’s arguments name the argument', async () => {
    const { post } = await open({ datasets: {} });
    const { errors } = await post('{ datasets(first: 0) { edges { cursor } } }');
    expect(errors![0]!.extensions).toMatchObject({
      type: 'validation_error',
      status_code: 422,
      errors: [{ field: 'first', code: 'range_error', message: 'Must be between 1 and 1000' }],
    });
  });
});

describe('faults', () => {
  const broken: ServiceParts = {
    datasets: {
      get: async () => {
        throw new Error('secret path /var/lib/studio');
      },
    },
  };

  it.each([1, 3])(
    'are masked and logged once with the request’s id (time %i, compiled from the second on)',
    async (times) => {
      const { post, logged } = await open(broken);
      let answer;
      for (let i = 0; i < times; i++) answer = await post('{ dataset(id: "1") { id } }');
      const [error] = answer!.errors!;
      expect(JSON.stringify(answer)).not.toContain('secret');
      expect(error).toMatchObject({ message: 'Internal server error', path: ['dataset'] });
      expect(error!.extensions).toMatchObject({
        type: 'internal_error',
        status_code: 500,
        detail: 'Internal server error',
        request_id: expect.stringMatching(UUID),
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(logged).toHaveLength(times);
      expect(logged.at(-1)).toMatchObject({
        request_id: error!.extensions['request_id'],
        err: { message: 'secret path /var/lib/studio' },
      });
    },
  );

  it('include a null where none may be', async () => {
    const { post, logged } = await open({ datasets: { get: async () => ({ id: '1', name: null }) as never } });
    for (let i = 0; i < 3; i++) {
      const { errors } = await post('{ dataset(id: "1") { name } }');
      expect(errors![0]!.message).toBe('Internal server error');
    }
    expect(logged).toHaveLength(3);
  });
});

describe('operations that cannot run', () => {
  it.each([
    ['a syntax error', '{ me {', 'Syntax Error'],
    ['an unknown field', '{ nobody }', 'Cannot query field "nobody"'],
    [
      'two members of a @oneOf',
      'mutation { generate(input: { datasetId: "1", generator: { independent: {}, gaussianCopula: {} } }) { __typename } }',
      'exactly one',
    ],
    [
      'a file as a literal',
      'mutation { uploadDataset(file: "x") { __typename } }',
      'A File can only be given as a variable',
    ],
  ])('are told: %s', async (_case, query, message) => {
    const { post, logged } = await open({});
    const { status, errors } = await post(query);
    expect(status).toBe(200);
    expect(errors![0]!.message.toLowerCase()).toContain(message.toLowerCase());
    expect(errors![0]!.extensions).toMatchObject({ type: 'bad_request', status_code: 400 });
    expect(logged).toEqual([]);
  });

  it('have the status 400 under the media type that can say so', async () => {
    const { post } = await open({});
    const answer = await post('{ nobody }', { headers: { accept: 'application/graphql-response+json' } });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/graphql-response+json; charset=utf-8');
  });

  it('name the variable that is wrong', async () => {
    const { post } = await open({});
    const { errors } = await post(
      'query ($after: DateTime) { datasets(filter: { modifiedAfter: $after }) { totalCount } }',
      {
        variables: { after: 'yesterday' },
      },
    );
    expect(errors![0]!.message).toContain('ISO 8601');
    expect(errors![0]!.extensions['type']).toBe('bad_request');
  });

  it('are refused with two members of a @oneOf in a variable', async () => {
    const { post } = await open({});
    const { errors } = await post('mutation ($i: GenerateInput!) { generate(input: $i) { __typename } }', {
      variables: { i: { datasetId: '1', generator: { independent: {}, gaussianCopula: {} } } },
    });
    expect(errors![0]!.message.toLowerCase()).toContain('exactly one');
  });

  it('may be malformed JSON, or no operation', async () => {
    const { app } = await open({});
    const send = (payload: string) =>
      app.inject({ method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json' }, payload });
    for (const [payload, detail] of [
      ['{"query":', /JSON/],
      ['[]', /"query"/],
      ['{"query":"{me{id}}","variables":[]}', /"variables"/],
    ] as const) {
      const response = await send(payload);
      expect(response.statusCode).toBe(400);
      expect(response.json().errors[0].message).toMatch(detail);
      expect(response.json().errors[0].extensions).toMatchObject({
        type: 'bad_request',
        request_id: expect.any(String),
      });
    }
  });

  it('may be too long to parse', async () => {
    const { post } = await open({});
    const { errors } = await post(`{ ${'me { id } '.repeat(5000)} }`);
    expect(errors![0]!.message).toContain('10000 tokens');
  });
});
