import SchemaBuilder from '@pothos/core';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createRegistry } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { createSchema } from '../../src/schema/create-schema.js';
import { collectPolicies } from '../../src/schema/policies/collect-policies.js';
import { type GraphqlDoor, openGraphqlDoor } from '../support/graphql-door.js';

describe('policies of root fields', () => {
  const schema = createSchema(createRegistry(builtInPlugins));

  it('names one for every root field; public ones lead to an account and no further', () => {
    const policies = collectPolicies(schema);
    const open = Object.entries(policies).flatMap(([type, fields]) =>
      Object.entries(fields).flatMap(([field, policy]) => (policy === 'public' ? [`${type}.${field}`] : [])),
    );
    expect(open.toSorted()).toEqual([
      'Mutation.login',
      'Mutation.refresh',
      'Mutation.register',
      'Query.loginProviders',
    ]);
  });

  it('stops the start when a root field names none', () => {
    const builder = new SchemaBuilder({});
    builder.queryType({ fields: (t) => ({ forgotten: t.string({ policy: undefined as never, resolve: () => 'x' }) }) });
    expect(() => collectPolicies(builder.toSchema())).toThrow('Query.forgotten names no policy');
  });
});

describe('the policies in force', () => {
  let door: GraphqlDoor;
  const user = vi.fn<() => Promise<object>>(async () => ({ id: 'ann', email: 'ann@example.com' }));
  const remove = vi.fn<() => Promise<void>>(async () => {});
  beforeEach(async () => {
    user.mockClear();
    remove.mockClear();
    door = await openGraphqlDoor({
      auth: {
        authenticate: async (token) => {
          if (token === 'ann') return { userId: 'ann', email: '', role: 'user', sessionId: 's' };
          const { StudioError } = await import('../../src/core/errors/index.js');
          throw new StudioError('token_expired', 'Token has expired');
        },
        user: user as never,
        accountId: async () => 'ann',
        login: (async () => ({ accessToken: 'a', userId: 'ann' })) as never,
      },
      datasets: { delete: remove },
    });
  });
  afterEach(() => door.app.close());

  it('lets a caller with a token through', async () => {
    const { data, errors } = await door.post('{ me { email } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({ me: { email: 'ann@example.com' } });
  });

  it.each([
    ['no token', null, 'authentication_error', 'Not authenticated'],
    ['a stale token', 'stale', 'token_expired', 'Token has expired'],
  ])('refuses %s before the resolver runs', async (_case, token, type, detail) => {
    const { data, errors } = await door.post('{ me { email } }', { token });
    expect(data).toEqual({ me: null });
    expect(errors![0]!.extensions).toMatchObject({ type, detail, status_code: 401 });
    expect(user).not.toHaveBeenCalled();
  });

  it('refuses it again when the query runs compiled', async () => {
    for (let i = 0; i < 5; i++) {
      const { errors } = await door.post('query Compiled { me { email } }', { token: null });
      expect(errors![0]!.extensions['type']).toBe('authentication_error');
    }
    expect(user).not.toHaveBeenCalled();
  });

  it('refuses a mutation without a side effect, and through a fragment too', async () => {
    const { errors } = await door.post(
      'mutation { ...F } fragment F on Mutation { deleteDataset(id: "1") { __typename } }',
      { token: null },
    );
    expect(errors![0]!.extensions['type']).toBe('authentication_error');
    expect(remove).not.toHaveBeenCalled();
  });

  it('lets the owner of a stale token log in', async () => {
    const { data } = await door.post(
      'mutation { login(input: { email: "a", password: "b" }) { ... on Session { accessToken } } }',
      { token: 'stale' },
    );
    expect(data.login.accessToken).toBe('a');
  });

  it('opens no subscription for a stranger', async () => {
    const address = await door.app.listen({ port: 0, host: '127.0.0.1' });
    const client = createClient({
      url: `${address.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    const { value: answer } = await client.iterate({ query: 'subscription { events { type } }' }).next();
    await client.dispose();
    expect(answer.errors[0].extensions).toMatchObject({ type: 'authentication_error', status_code: 401 });
    expect(door.events.listenerCount).toBe(0);
  });
});
