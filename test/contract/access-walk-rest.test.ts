import { container } from 'tsyringe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isScope, SCOPES } from '../../src/core/auth/policies.js';
import { RandomStream } from '../../src/core/plugin-api/index.js';
import { restEndpoints } from '../../src/rest/routes.js';
import { createServices } from '../../src/rest/services.js';
import type { Owned } from '../support/access/owned.js';
import { OTHER_ROUTES, REST_TABLE } from '../support/access/rest-table.js';
import { routesOf } from '../support/access/routes.js';
import { comparable, credentialsOfOthers, openWorld, reaches, type World } from '../support/access/world.js';
import { type Answer, expectFailure, form } from '../support/rest.js';

// The endpoints as the server mounts them: a new one that the table does not know fails here.
const endpoints = restEndpoints(createServices(container));
const routes = endpoints.map(({ method, path, access }) => ({ method: [method].flat()[0] as string, path, access }));
const names = routes.map(({ method, path }) => `${method} ${path}`);
// One that the table lacks fails the first test alone.
const closed = names.filter((name) => (REST_TABLE[name]?.who ?? 'public') !== 'public');

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 120_000);
afterAll(() => world?.studio.close());

function addressOf(name: string, owned: Owned): string {
  const path = name.split(' ')[1]!.replaceAll(/:(\w+)/g, (_, kind: string) => {
    if (owned[kind] === undefined) throw new Error(`${name}: the owner has no ${kind}; make one in access/owned.ts`);
    return owned[kind];
  });
  return path + (REST_TABLE[name]!.query?.(owned) ?? '');
}

function send(name: string, owned: Owned, token?: string, method = name.split(' ')[0]!): Promise<Answer> {
  const { json, file } = REST_TABLE[name]!;
  return world.call(method, addressOf(name, owned), {
    token,
    ...(file && form([{ name: 'file', value: 'a,b\n1,2\n', filename: 'x.csv' }])),
    ...(json && { json: json(owned) }),
  });
}

/** The request as it is sent: it tells which things it names. */
function spelled(name: string, owned: Owned): string {
  return addressOf(name, owned) + JSON.stringify(REST_TABLE[name]!.json?.(owned));
}

function isLetIn({ status }: Answer): boolean {
  return status !== 401 && status !== 403;
}

describe('the table', () => {
  it('has every endpoint, and none that is gone', () => {
    expect(names.toSorted()).toEqual(Object.keys(REST_TABLE).toSorted());
  });

  it.each(routes.filter(({ method, path }) => `${method} ${path}` in REST_TABLE))(
    '$method $path is open to whom it says',
    ({ method, path, access }) => {
      expect(access).toBe(REST_TABLE[`${method} ${path}`]!.who);
    },
  );

  it('misses no route of the server but those that say that there is none', async () => {
    const walked = new Set(names.flatMap((name) => [name, name.replace(/^GET /, 'HEAD ')]));
    const others = routesOf(world.studio.app).filter((route) => !walked.has(route));
    const open: string[] = [];
    for (const route of others.filter((name) => !OTHER_ROUTES.some((pattern) => pattern.test(name)))) {
      const [method, url] = route.split(' ') as ['GET', string];
      const { statusCode } = await world.studio.app.inject({ method, url });
      if (statusCode !== 405) open.push(route);
    }
    expect(open).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
  });
});

describe('without a credential that is good', () => {
  it.each(closed)('%s lets nobody in', async (name) => {
    for (const owned of [world.owned, world.unknown]) {
      expectFailure(await send(name, owned), 401, 'authentication_error');
      expectFailure(await send(name, owned, await world.owner.expired()), 401, 'token_expired');
      expectFailure(await send(name, owned, await world.owner.revoked()), 401, 'authentication_error');
    }
    if (name.startsWith('GET')) expect((await send(name, world.owned, undefined, 'HEAD')).status).toBe(401);
  });
});

describe('an API key', () => {
  // The keys are another user's and the things nobody's: whoever is let in does no harm.
  it.each(closed)('gets at %s by the scope that it names, and by no other', async (name) => {
    const { who } = REST_TABLE[name]!;
    for (const scope of SCOPES) {
      const answer = await send(name, world.unknown, world.stranger.key(scope));
      if (who === scope) expect(isLetIn(answer), answer.text).toBe(true);
      else expectFailure(answer, 403, 'permission_denied');
      if (isScope(who) && who !== scope) expect(answer.body.detail).toBe(`The API key lacks the scope "${who}"`);
    }
    if (!isScope(who)) {
      for (const { fullKey } of [world.stranger, world.admin]) {
        expectFailure(await send(name, world.unknown, fullKey), 403, 'permission_denied');
      }
    }
  });
});

describe('a user who has logged in', () => {
  it.each(closed)('gets at %s, unless it is the administrator’s', async (name) => {
    const answer = await send(name, world.unknown, await world.stranger.session());
    if (REST_TABLE[name]!.who === 'admin') expectFailure(answer, 403, 'permission_denied');
    else expect(isLetIn(answer), answer.text).toBe(true);
    expect(isLetIn(await send(name, world.unknown, await world.admin.session()))).toBe(true);
  });
});

/** The close code of a progress socket, and how many messages came before. */
function watch(id: string, token?: string): Promise<{ code: number; messages: string[] }> {
  const socket = new WebSocket(`${world.studio.url.replace('http', 'ws')}/ws/generation/${id}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const messages: string[] = [];
  return new Promise((done, fail) => {
    socket.on('message', (message) => messages.push(String(message)));
    socket.on('close', (code) => done({ code, messages }));
    socket.on('error', fail);
  });
}

const refused = (code: number) => ({ code, messages: [] });

describe('a progress socket', () => {
  it('is as closed to others as the run is', async () => {
    const id = world.owned['generator_id']!;
    const unknown = world.unknown['generator_id']!;
    for (const { token } of credentialsOfOthers(world)) {
      expect(await watch(id, await token())).toEqual(refused(4404));
      expect(await watch(unknown, await token())).toEqual(refused(4404));
    }
    expect(await watch(unknown)).toEqual(refused(4404));
    for (const bad of [await world.owner.expired(), await world.owner.revoked(), 'nonsense']) {
      expect(await watch(id, bad)).toEqual(refused(4401));
      expect(await watch(unknown, bad)).toEqual(refused(4401));
    }
    for (const scope of ['write', 'generate'] as const) {
      expect(await watch(id, world.owner.key(scope))).toEqual(refused(4403));
    }
    for (const good of [await world.owner.session(), world.owner.key('read')]) {
      const { code, messages } = await watch(id, good);
      expect(code).toBe(1000);
      expect(JSON.parse(messages.at(-1)!)).toMatchObject({ status: 'completed', phase: expect.anything() });
    }
  });
});

describe('what is the owner’s', () => {
  it.each(closed)('is nobody’s to others: %s', async (name) => {
    for (const { who, token } of credentialsOfOthers(world)) {
      const answers = [await send(name, world.theirs, await token())];
      for (const { another, nobodys } of reaches(world, (owned) => spelled(name, owned))) {
        const theirs = await send(name, another, await token());
        const nothing = await send(name, nobodys, await token());
        const compared = [theirs, nothing].map(({ status, headers, body }) => [status, Object.keys(headers), body]);
        expect(comparable(compared[0]!), `${who}: ${name}`).toBe(comparable(compared[1]!));
        if (name.includes(':') && isLetIn(theirs)) expectFailure(theirs, 404, 'resource_not_found');
        answers.push(theirs);
      }
      for (const id of Object.values(world.owned)) {
        for (const { text } of answers) expect(text, `${who}: ${name}`).not.toContain(id);
      }
    }
  });

  it('takes as long to be refused as an id that nobody has', async () => {
    const token = await world.stranger.session();
    const time = async (id: string) => {
      const start = performance.now();
      expect((await world.call('GET', `/datasets/${id}`, { token })).status).toBe(404);
      return performance.now() - start;
    };
    // A sign test over pairs in an order of chance, so that nothing that happens at each so-many-th request falls on one side:
    // where both take as long, one is the slower in more than 163 of 250 pairs, or in fewer than 87, with a chance of 9.2e-7
    // (binomial). One query more on one side is found nearly always.
    const order = new RandomStream(1, 'test.order');
    let slower = 0;
    for (let pair = 0; pair < 300; pair++) {
      const [a, b] = [world.owned['dataset_id']!, world.unknown['dataset_id']!];
      const inOrder = order.next() < 0.5;
      const [first, second] = inOrder ? [await time(a), await time(b)] : [await time(b), await time(a)];
      const difference = inOrder ? first - second : second - first;
      // The first ones are compiled while they run.
      if (pair >= 50 && difference > 0) slower++;
    }
    expect(Math.abs(slower - 125)).toBeLessThanOrEqual(38);
  });

  // Last, and deletions last of all, the newest kind of thing first.
  const inOrder = [
    ...closed.filter((name) => !name.startsWith('DELETE')),
    ...closed.filter((name) => name.startsWith('DELETE')).toReversed(),
  ];
  it.each(inOrder)('is the owner’s: %s', async (name) => {
    if (REST_TABLE[name]!.who === 'admin') return;
    const answer = await send(name, world.owned, await world.owner.session());
    expect([401, 403, 404], answer.text).not.toContain(answer.status);
  });
});
