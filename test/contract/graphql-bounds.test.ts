import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boundsShape } from '../../src/schema/bounds/shape-rule.js';
import { type GraphqlDoor, openGraphqlDoor } from '../support/graphql-door.js';

let door: GraphqlDoor;
const list = vi.fn<() => Promise<object>>(async () => ({ items: [], hasMore: false, total: async () => 0 }));
beforeEach(async () => {
  list.mockClear();
  door = await openGraphqlDoor({ datasets: { list: list as never } });
});
afterEach(() => door.app.close());

const nested = (levels: number, inner = 'name') => `{ ${'part { '.repeat(levels)} ${inner} ${'} '.repeat(levels)} }`;
const times = (count: number, field: string) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');

const refused = async (query: string, variables?: object) => {
  const { errors, data } = await door.post(query, { variables });
  expect(data ?? null).toBeNull();
  expect(errors![0]!.extensions).toMatchObject({ type: 'bad_request', status_code: 400 });
  return errors![0]!.message;
};

describe('an operation is refused that', () => {
  it('goes too deep, with fragments or without', () => {
    // The studio's own types are not deep enough to try it on; a type may come to contain itself.
    const schema = buildSchema('type Query { part: Query, name: String }');
    const check = (query: string) => validate(schema, parse(query), [boundsShape]).map(({ message }) => message);
    const refusal = ['The operation is 16 levels deep, and 15 are allowed'];
    expect(check(nested(14))).toEqual([]);
    expect(check(nested(15))).toEqual(refusal);
    expect(check(`${nested(10, '...more')} fragment more on Query ${nested(5)}`)).toEqual(refusal);
    expect(check(`${nested(10, '... on Query { part { part { part { part { part { name } } } } } }')}`)).toEqual(
      refusal,
    );
  });

  it('has too many aliases', async () => {
    expect((await door.post(`{ ${times(50, 'datasets(first: 1) { totalCount }')} }`)).errors).toBeUndefined();
    expect(await refused(`{ ${times(51, 'datasets(first: 1) { totalCount }')} }`)).toBe(
      'The operation has 51 aliases, and 50 are allowed',
    );
  });

  it('asks for too much, in the query or by its variables, the first time and when it is compiled', async () => {
    const query = `query ($first: Int) { datasets(first: $first) { edges { node { rows(first: 100) { edges { node { index } } } } } } }`;
    for (let i = 0; i < 4; i++) {
      expect((await door.post(query, { variables: { first: 100 } })).errors).toBeUndefined();
      expect(await refused(query, { first: 1000 })).toMatch(/^The operation may ask for 20\d+ objects, and 50000 are/);
    }
    expect(await refused(query.replaceAll('$first', '1000').replace('query (1000: Int)', ''))).toMatch(
      /may ask for 20/,
    );
    const paged = query.replace('$first: Int', '$first: Int = 1000');
    expect(await refused(paged)).toMatch(/may ask for 20/);
    expect(list).toHaveBeenCalledTimes(4);
  });

  it('changes too much at once', async () => {
    expect(await refused(`mutation { ${times(11, 'logout')} }`)).toMatch(/may ask for 55000 objects/);
  });

  it('multiplies itself through fragments, in no time', async () => {
    const fragments = Array.from(
      { length: 40 },
      (_, i) => `fragment f${i} on Query { ...f${i + 1} ... { ...f${i + 1} } }`,
    );
    const query = `{ ...f0 } ${fragments.join(' ')} fragment f40 on Query { datasets { totalCount } }`;
    const started = performance.now();
    expect(await refused(query)).toMatch(/objects|aliases/);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

it('the introspection of GraphiQL passes', async () => {
  const { data, errors } = await door.post(getIntrospectionQuery());
  expect(errors).toBeUndefined();
  expect(data.__schema.queryType.name).toBe('Query');
});
