import { describe, expect, it } from 'vitest';
import { BatchLoader } from '../../src/schema/loaders.js';
import { openGraphqlDoor } from '../support/graphql-door.js';

describe('BatchLoader', () => {
  it('fetches what one turn asks for at once, each id once', async () => {
    const fetched: (readonly string[])[] = [];
    const loader = new BatchLoader(async (ids) => {
      fetched.push(ids);
      return ids.filter((id) => id !== 'gone').map((id) => ({ id }));
    });
    const found = await Promise.all(['a', 'b', 'a', 'gone'].map((id) => loader.load(id)));
    expect(found).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'a' }, null]);
    expect(fetched).toEqual([['a', 'b', 'gone']]);
  });

  it('fetches again in a later turn: it keeps nothing', async () => {
    let version = 0;
    const loader = new BatchLoader(async (ids) => ids.map((id) => ({ id, version: ++version })));
    await loader.load('a');
    expect(await loader.load('a')).toEqual({ id: 'a', version: 2 });
  });

  it('fails every one that waits', async () => {
    const loader = new BatchLoader(async () => Promise.reject(new Error('down')));
    const results = await Promise.allSettled([loader.load('a'), loader.load('b')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

it('a list of generators reads its datasets in one query, compiled or not', async () => {
  const queries: (readonly string[])[] = [];
  const items = Array.from({ length: 10 }, (_, i) => ({ id: `g${i}`, datasetId: `d${i % 3}`, job: {} }));
  const door = await openGraphqlDoor({
    generators: {
      list: async () => ({ items: items as never, hasMore: false, total: async () => 10 }),
      cursor: ({ id }) => id,
    },
    datasets: {
      many: async (_owner, ids) => {
        queries.push(ids);
        return ids.map((id) => ({ id })) as never;
      },
    },
  });
  for (let i = 1; i <= 3; i++) {
    const { data } = await door.post('{ generators { edges { node { id dataset { id } } } } }');
    expect(data.generators.edges[4].node).toEqual({ id: 'g4', dataset: { id: 'd1' } });
    expect(queries).toHaveLength(i);
    expect(queries[i - 1]).toEqual(['d0', 'd1', 'd2']);
  }
  await door.app.close();
});
