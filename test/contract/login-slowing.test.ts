import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGraphqlClient } from '../support/graphql.js';
import { createRestClient, expectFailure, type RestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const password = 'secure-password';
const MINUTE = 60_000;
/** Fewer than the default of five: each attempt is a slow hash. */
const FREE = 2;
const HOME = '198.51.100.1';

let studio: TestStudio;
let call: RestClient;
let count = 0;
let email: string;

beforeAll(async () => {
  studio = await startStudio({ env: { TRUST_PROXY: 'true', FREE_LOGIN_FAILURES: String(FREE) } });
  call = createRestClient(studio);
});
afterAll(() => studio?.close());

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  email = `owner-${++count}@example.com`;
  await call('POST', '/auth/register', { json: { email, password } });
});
afterEach(() => {
  vi.useRealTimers();
});

function logIn(from: string, text: string, who = email) {
  return call('POST', '/auth/login', { json: { email: who, password: text }, headers: { 'x-forwarded-for': from } });
}

/** Wrong ones as long as they are looked at; how many those were, and the seconds to wait at the first refusal. */
async function failUntilRefused(from: string, who = email) {
  for (let failures = 0; ; failures++) {
    const answer = await logIn(from, 'a-wrong-one', who);
    if (answer.status === 429) return { failures, wait: Number(answer.headers['retry-after']) };
    expectFailure(answer, 401, 'authentication_error');
  }
}

/** An address that no other test uses; IPv6 counts by networks of /64. */
let networks = 0;
const newAddress = () => `2001:db8:${(++networks).toString(16)}:1::1`;

const wait = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

describe('failed logins', () => {
  it('slow down the next ones when the free ones are used up, twice as long each time, to a quarter of an hour', async () => {
    const from = newAddress();
    expect(await failUntilRefused(from)).toEqual({ failures: FREE, wait: 1 });
    const waits: number[] = [];
    for (let seconds = 1; waits.length < 12;) {
      wait(seconds * 1000);
      const { failures, wait: next } = await failUntilRefused(from);
      expect(failures).toBe(1);
      waits.push((seconds = next));
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('are forgotten with the right password, and after a day', async () => {
    const from = newAddress();
    await failUntilRefused(from);
    wait(1000);
    expect((await logIn(from, password)).status).toBe(200);
    expect((await failUntilRefused(from)).failures).toBe(FREE);
    wait(24 * 60 * MINUTE + 1);
    expect((await failUntilRefused(from)).failures).toBe(FREE);
  });

  it('hold up the right password too while the time runs, at both doors', async () => {
    const from = newAddress();
    await failUntilRefused(from);
    const answer = await logIn(from, password);
    expectFailure(answer, 429, 'rate_limit_exceeded');
    expect(answer.body.detail).toBe('Too many failed logins: try again in 1 s');
    const { data } = await createGraphqlClient(studio)(
      `mutation { login(input: { email: "${email}", password: "${password}" }) { __typename ... on LimitError { code retryAfter } } }`,
      { headers: { 'x-forwarded-for': from } },
    );
    expect(data.login).toEqual({ __typename: 'LimitError', code: 'rate_limit_exceeded', retryAfter: 1 });
  });

  it('of an account that does not exist are slowed down alike', async () => {
    const [known, unknown] = [newAddress(), newAddress()];
    const there = await failUntilRefused(known);
    const nobody = await failUntilRefused(unknown, `nobody-${count}@example.com`);
    expect(nobody).toEqual(there);
    const [a, b] = [await logIn(known, password), await logIn(unknown, password, `nobody-${count}@example.com`)];
    expect(a.body.detail).toBe(b.body.detail);
  });

  it('gain nothing by coming all at once', async () => {
    const from = newAddress();
    const answers = await Promise.all(Array.from({ length: 20 }, () => logIn(from, 'a-wrong-one')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(FREE);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20 - FREE);
  });

  it('count when a password is changed, too', async () => {
    const from = newAddress();
    const { body } = await logIn(from, password);
    const change = () =>
      call('POST', '/auth/change-password', {
        token: body.access_token,
        json: { current_password: 'a-wrong-one', new_password: 'another-password' },
        headers: { 'x-forwarded-for': from },
      });
    for (let i = 0; i < FREE; i++) expectFailure(await change(), 401, 'authentication_error');
    expectFailure(await change(), 429, 'rate_limit_exceeded');
  });
});

describe('a stranger', () => {
  it('locks nobody out from elsewhere', async () => {
    await failUntilRefused(newAddress());
    expect((await logIn(newAddress(), password)).status).toBe(200);
  });

  it('with many machines slows an account down everywhere, but where its owner has been', async () => {
    expect((await logIn(HOME, password)).status).toBe(200);
    const elsewhere = newAddress();
    const session = (await logIn(elsewhere, password)).body;
    for (let i = 0; i < 20 * FREE; i++) await logIn(`203.0.113.${i}`, 'a-wrong-one');
    // Twenty times as many as one address may: the next guess waits, from whatever new address it comes.
    expectFailure(await logIn(newAddress(), password), 429, 'rate_limit_exceeded');
    expect((await logIn(HOME, password)).status).toBe(200);
    // A session of the owner makes its place known as a login does.
    const moved = newAddress();
    const headers = { 'x-forwarded-for': moved };
    expect(
      (await call('POST', '/auth/refresh', { json: { refresh_token: session.refresh_token }, headers })).status,
    ).toBe(200);
    expect((await logIn(moved, password)).status).toBe(200);
    // The delay is short, for the owner's sake.
    wait(MINUTE);
    expect((await logIn(newAddress(), password)).status).toBe(200);
  });

  it('who tries one password on everybody is slowed down by the address, with its whole network', async () => {
    const network = `2001:db8:ffff:${count.toString(16)}`;
    const neighbour = email;
    expect((await logIn(`${network}::9`, password)).status).toBe(200);
    for (let i = 0; i < 10 * FREE; i++) {
      expectFailure(
        await logIn(`${network}::${i + 1}`, password, `victim-${i}@example.com`),
        401,
        'authentication_error',
      );
    }
    expectFailure(await logIn(`${network}::77`, password, 'victim@example.com'), 429, 'rate_limit_exceeded');
    // Whoever has logged in from there before goes on as if nothing were.
    expect((await logIn(`${network}::9`, password, neighbour)).status).toBe(200);
  });
});

describe('FREE_LOGIN_FAILURES=0', () => {
  it('turns it off', async () => {
    const other = await startStudio({ env: { FREE_LOGIN_FAILURES: '0' } });
    try {
      const rest = createRestClient(other);
      const statuses = new Set<number>();
      for (let i = 0; i < 8; i++) {
        statuses.add((await rest('POST', '/auth/login', { json: { email, password: 'a-wrong-one' } })).status);
      }
      expect([...statuses]).toEqual([401]);
    } finally {
      await other.close();
    }
  });
});
