import { createRestClient, logIn, type RestClient } from '../rest.js';
import { startStudio, type TestStudio } from '../studio.js';
import { Actor } from './actors.js';
import { makeOwned, makeTrained, type Owned, unknownLike } from './owned.js';

/** Everybody who may try to get at what the owner has. */
export interface World {
  readonly studio: TestStudio;
  readonly call: RestClient;
  readonly owner: Actor;
  readonly owned: Owned;
  readonly unknown: Owned;
  /** The stranger's own, of the kinds that requests name several of. */
  readonly theirs: Owned;
  /** Another user, and the administrator: what is the owner's is nobody's to them. */
  readonly stranger: Actor;
  readonly admin: Actor;
}

export async function openWorld(): Promise<World> {
  const root = { email: 'root@example.com', password: 'secure-password' };
  const studio = await startStudio({
    env: {
      ADMIN_EMAIL: root.email,
      ADMIN_PASSWORD: root.password,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WORKER_CONCURRENCY: '2',
    },
    listen: true,
  });
  const call = createRestClient(studio);
  const [owned, trained] = await Promise.all([
    makeOwned(call, await logIn(call, 'owner@example.com')),
    // One that can do all that a generator may be asked for, so that no other refusal comes first.
    makeTrained(call, await logIn(call, 'stranger@example.com'), 'autoregressive'),
  ]);
  const unknown = unknownLike(owned);
  return {
    studio,
    call,
    owned,
    unknown,
    theirs: { ...unknown, ...trained },
    owner: await Actor.of(studio, 'owner@example.com'),
    stranger: await Actor.of(studio, 'stranger@example.com'),
    admin: await Actor.of(studio, root.email),
  };
}

/** Credentials of people other than the owner that are good. Ask for each anew: a call may end the session it is made in. */
export function credentialsOfOthers({ stranger, admin }: World) {
  return [
    { who: 'another user', token: () => stranger.session() },
    { who: 'an administrator', token: () => admin.session() },
    { who: 'an API key of another user', token: async () => stranger.fullKey },
    { who: 'an API key of an administrator', token: async () => admin.fullKey },
  ];
}

/**
 * For each thing that a request names: the owner's, and one that nobody has, beside whatever else it names being the
 * stranger's own. Otherwise the refusal of the first would hide that nobody looks at the second.
 */
export function reaches({ owned, unknown, theirs }: World, spell: (owned: Owned) => string) {
  const kinds = Object.keys(owned).filter((kind) => spell(theirs) !== spell({ ...theirs, [kind]: owned[kind]! }));
  return kinds.map((kind) => ({
    another: { ...theirs, [kind]: owned[kind]! },
    nobodys: { ...theirs, [kind]: unknown[kind]! },
  }));
}

/** What an answer says beside what differs between any two: a stranger's must not depend on whether the thing exists. */
export function comparable(answer: object): string {
  return (
    JSON.stringify(answer)
      .replaceAll(/"(timestamp|request_id)":"[^"]*"/g, '"$1":""')
      // A query that came before is compiled, and tells no places in its text.
      .replaceAll(/"locations":\[[^\]]*\],/g, '')
  );
}
