import { getNamedType, type GraphQLField, isCompositeType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isScope, SCOPES } from '../../src/core/auth/policies.js';
import { EventBus } from '../../src/core/events/index.js';
import { createRegistry } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { createSchema } from '../../src/schema/create-schema.js';
import { collectPolicies } from '../../src/schema/policies/collect-policies.js';
import { GRAPHQL_TABLE } from '../support/access/graphql-table.js';
import type { Owned } from '../support/access/owned.js';
import { comparable, credentialsOfOthers, openWorld, reaches, type World } from '../support/access/world.js';
import { createGraphqlClient, type GraphqlReply, subscribe } from '../support/graphql.js';
import { form } from '../support/rest.js';

// The root fields as the server has them: a new one that the table does not know fails here.
const schema = createSchema(createRegistry(builtInPlugins));
const policies = collectPolicies(schema);
const names = Object.entries(policies).flatMap(([type, fields]) =>
  Object.keys(fields).map((name) => `${type}.${name}`),
);
// One that the table lacks fails the first test alone.
const closed = names.filter((name) => (GRAPHQL_TABLE[name]?.who ?? 'public') !== 'public');

let world: World;
let operate: ReturnType<typeof createGraphqlClient>;
beforeAll(async () => {
  world = await openWorld();
  operate = createGraphqlClient(world.studio);
}, 120_000);
afterAll(() => world?.studio.close());

function fieldOf(name: string): GraphQLField<unknown, unknown> {
  const [type, field] = name.split('.') as [string, string];
  return (schema.getType(type) as ReturnType<typeof schema.getQueryType>)!.getFields()[field]!;
}

/** The operation that asks for one root field, with as much of its answer as tells who was let in. */
function operationOf(name: string, owned: Owned): string {
  const [type, field] = name.split('.') as [string, string];
  const { args, file } = GRAPHQL_TABLE[name]!;
  const given = file ? '(file: $file)' : args === undefined ? '' : `(${args(owned)})`;
  const answer = getNamedType(fieldOf(name).type);
  const ids = isObjectType(answer) ? ['id', 'subjectId'].filter((id) => id in answer.getFields()) : [];
  const selection = isCompositeType(answer) ? `{ __typename ${ids.join(' ')} }` : '';
  return `${type.toLowerCase()} ${file ? '($file: File!) ' : ''}{ ${field}${given} ${selection} }`;
}

async function send(name: string, owned: Owned, token?: string): Promise<GraphqlReply> {
  const operation = operationOf(name, owned);
  if (GRAPHQL_TABLE[name]!.file) return uploadWith(operation, token);
  if (!name.startsWith('Subscription.')) return operate(operation, { token });
  return first(operation, token);
}

async function uploadWith(query: string, token?: string): Promise<GraphqlReply> {
  const { raw, headers } = form([
    { name: 'operations', value: JSON.stringify({ query, variables: { file: null } }) },
    { name: 'map', value: JSON.stringify({ 0: ['variables.file'] }) },
    { name: '0', value: 'a,b\n1,2\n', filename: 'x.csv' },
  ]);
  const response = await world.studio.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    payload: raw,
  });
  const { data, errors } = response.json<GraphqlReply>();
  return { data, errors };
}

/** What a subscription says first, while things happen to everybody: each is to hear of its own alone. */
async function first(query: string, token?: string): Promise<GraphqlReply> {
  const source = subscribe(world.studio, query, {
    ...(token !== undefined && { connectionParams: { Authorization: `Bearer ${token}` } }),
  });
  const happenings = setInterval(happen, 10);
  const { value } = await source.next();
  clearInterval(happenings);
  await source.return?.();
  const { data, errors } = value as GraphqlReply;
  return { data: data ?? null, errors };
}

function happen(): void {
  const { studio, owner, stranger, admin, owned, unknown } = world;
  const events = studio.container.resolve(EventBus);
  for (const { user } of [owner, stranger, admin]) {
    const things = user === owner.user ? owned : unknown;
    events.publish({ type: 'dataset.created', ownerId: user.id, subjectId: things['dataset_id']! });
  }
}

function refusalOf({ errors }: GraphqlReply): unknown {
  const [error] = errors ?? [];
  const type = error?.extensions['type'];
  const refusals = ['authentication_error', 'token_expired', 'permission_denied'];
  return refusals.includes(type as string) ? type : undefined;
}

function namesSomething(name: string): boolean {
  return operationOf(name, world.owned) !== operationOf(name, world.unknown);
}

describe('the table', () => {
  it('has every root field, and none that is gone', () => {
    expect(names.toSorted()).toEqual(Object.keys(GRAPHQL_TABLE).toSorted());
  });

  it.each(names.filter((name) => name in GRAPHQL_TABLE))('%s is open to whom it says', (name) => {
    const [type, field] = name.split('.') as [string, string];
    expect(policies[type]![field]).toBe(GRAPHQL_TABLE[name]!.who);
  });
});

describe('without a credential that is good', () => {
  it.each(closed)('%s lets nobody in', async (name) => {
    for (const owned of [world.owned, world.unknown]) {
      expect(refusalOf(await send(name, owned))).toBe('authentication_error');
      expect(refusalOf(await send(name, owned, await world.owner.expired()))).toBe('token_expired');
      expect(refusalOf(await send(name, owned, await world.owner.revoked()))).toBe('authentication_error');
    }
  });
});

describe('an API key', () => {
  // The keys are another user's and the things nobody's: whoever is let in does no harm.
  it.each(closed)('gets at %s by the scope that it names, and by no other', async (name) => {
    const { who } = GRAPHQL_TABLE[name]!;
    for (const scope of SCOPES) {
      const reply = await send(name, world.unknown, world.stranger.key(scope));
      expect(refusalOf(reply)).toBe(who === scope ? undefined : 'permission_denied');
      if (isScope(who) && who !== scope) expect(reply.errors![0]!.message).toBe(`The API key lacks the scope "${who}"`);
    }
    if (!isScope(who)) {
      for (const { fullKey } of [world.stranger, world.admin]) {
        expect(refusalOf(await send(name, world.unknown, fullKey))).toBe('permission_denied');
      }
    }
  });
});

describe('a user who has logged in', () => {
  it.each(closed)('gets at %s, unless it is the administrator’s', async (name) => {
    const { who } = GRAPHQL_TABLE[name]!;
    const reply = await send(name, world.unknown, await world.stranger.session());
    expect(refusalOf(reply)).toBe(who === 'admin' ? 'permission_denied' : undefined);
    expect(refusalOf(await send(name, world.unknown, await world.admin.session()))).toBeUndefined();
  });
});

describe('what is the owner’s', () => {
  it.each(closed)('is nobody’s to others: %s', async (name) => {
    for (const { who, token } of credentialsOfOthers(world)) {
      const replies = [await send(name, world.theirs, await token())];
      for (const { another, nobodys } of reaches(world, (owned) => operationOf(name, owned))) {
        const theirs = await send(name, another, await token());
        const nothing = await send(name, nobodys, await token());
        expect(comparable(theirs), `${who}: ${name}`).toBe(comparable(nothing));
        replies.push(theirs);
      }
      for (const id of Object.values(world.owned)) {
        for (const reply of replies) expect(JSON.stringify(reply), `${who}: ${name}`).not.toContain(id);
      }
    }
  });

  it.each(['Dataset', 'Generator', 'Evaluation'])('is not reached through `node` either: %s', async (type) => {
    const id = world.owned[`${type.toLowerCase()}_id`]!;
    const query = `{ node(id: "${id}") { __typename id } }`;
    for (const { token } of credentialsOfOthers(world)) {
      expect(await operate(query, { token: await token() })).toEqual({ data: { node: null }, errors: undefined });
    }
    const mine = await operate(query, { token: await world.owner.session() });
    expect(mine.data.node).toEqual({ __typename: type, id });
  });

  // Last, and deletions last of all: those of the table stand in the order in which they can be done.
  const inOrder = [
    ...closed.filter((name) => !name.includes('.delete')),
    ...Object.keys(GRAPHQL_TABLE).filter((name) => name.includes('.delete')),
  ];
  it.each(inOrder)('is the owner’s: %s', async (name) => {
    if (GRAPHQL_TABLE[name]!.who === 'admin') return;
    const reply = await send(name, world.owned, await world.owner.session());
    expect(refusalOf(reply)).toBeUndefined();
    expect(JSON.stringify(reply)).not.toMatch(/NotFoundError|resource_not_found/);
    if (namesSomething(name)) expect(Object.values(reply.data)[0]).not.toBeNull();
  });
});
