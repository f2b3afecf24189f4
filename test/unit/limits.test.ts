import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, integer, property } from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/core/app/config.js';
import { addressKey } from '../../src/core/limits/address-key.js';
import { RateLimitExceeded } from '../../src/core/limits/quota.js';
import { RateCounts } from '../../src/core/limits/rate-counts.js';
import { RateSync } from '../../src/core/limits/rate-sync.js';
import { RequestLimiter } from '../../src/core/limits/request-limiter.js';
import { SlidingWindow } from '../../src/core/limits/sliding-window.js';
import { createDataSource } from '../../src/core/persistence/index.js';

const MINUTE = 60_000;
const silent = pino({ level: 'silent' });
const limiterOf = (env: Record<string, string>) => new RequestLimiter(readConfig(env));

function refusal(run: () => unknown): RateLimitExceeded {
  try {
    run();
  } catch (error) {
    if (error instanceof RateLimitExceeded) return error;
    throw error;
  }
  throw new Error('It was admitted');
}

describe('a sliding window', () => {
  it('never lets more than the limit into any stretch of its length, and frees each place a slot later at most', () => {
    const steps = array(integer({ min: 0, max: 8000 }), { minLength: 50, maxLength: 300 });
    assert(
      property(steps, (pauses) => {
        const limit = 10;
        const window = new SlidingWindow(MINUTE);
        const admitted: number[] = [];
        let now = 1_700_000_000_000;
        for (const pause of pauses) {
          now += pause;
          const within = admitted.filter((at) => at > now - MINUTE).length;
          if (window.count(now) < limit) {
            expect(within).toBeLessThan(limit);
            window.add(now);
            admitted.push(now);
          } else {
            // Refused although there is room only while the slot of the oldest one is still in part within the window.
            const slots = admitted.filter((at) => at > now - MINUTE - (2 * MINUTE) / 59).length;
            expect(slots).toBeGreaterThanOrEqual(limit);
          }
        }
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('tells when the oldest leaves it', () => {
    const window = new SlidingWindow(MINUTE);
    const start = 1_700_000_000_000;
    window.add(start);
    window.add(start + 30_000);
    const freeAt = window.freeAt(start + 40_000);
    expect(freeAt - start).toBeGreaterThanOrEqual(MINUTE);
    expect(freeAt - start).toBeLessThanOrEqual(MINUTE + (2 * MINUTE) / 59);
    expect(window.count(freeAt - 1)).toBe(2);
    expect(window.count(freeAt)).toBe(1);
  });

  it('holds when the clock goes back', () => {
    const window = new SlidingWindow(MINUTE);
    window.add(1_700_000_000_000);
    window.add(1_699_999_000_000);
    expect(window.count(1_699_999_000_000)).toBe(2);
  });
});

describe('the limiter', () => {
  const now = 1_700_000_000_000;

  it('refuses the request beyond the limit, says when to come back, and admits it then', () => {
    const limiter = limiterOf({ RATE_LIMIT_PER_MINUTE: '3' });
    const remaining = [0, 1, 2].map((i) => limiter.admit('ann', '10.0.0.1', now + i)!.remaining);
    expect(remaining).toEqual([2, 1, 0]);
    const { quota, status, message } = refusal(() => limiter.admit('ann', '10.0.0.1', now + 3));
    expect([status, quota.limit, quota.remaining]).toEqual([429, 3, 0]);
    expect(message).toMatch(/^At most 3 requests a minute: try again in 6[0-2] s$/);
    expect(limiter.admit('ann', '10.0.0.1', now + 3 + quota.retryAfter! * 1000)!.remaining).toBe(2);
  });

  it('counts no refused request, so that one who keeps asking gets in too', () => {
    const limiter = limiterOf({ RATE_LIMIT_PER_MINUTE: '1' });
    limiter.admit('ann', '', now);
    for (let second = 1; second < 60; second++) refusal(() => limiter.admit('ann', '', now + second * 1000));
    expect(limiter.admit('ann', '', now + 62_000)).toMatchObject({ remaining: 0 });
  });

  it('tells of the tightest window', () => {
    const limiter = limiterOf({ RATE_LIMIT_PER_MINUTE: '10', RATE_LIMIT_PER_HOUR: '12', UPLOADS_PER_MINUTE: '4' });
    expect(limiter.admit('ann', '', now)).toMatchObject({ limit: 10, remaining: 9 });
    expect(limiter.admitUpload('ann', now)).toMatchObject({ limit: 4, remaining: 3 });
    for (let i = 0; i < 7; i++) limiter.admit('ann', '', now);
    expect(limiter.admit('ann', '', now + 2 * MINUTE)).toMatchObject({ limit: 12, remaining: 2 });
  });

  it('keeps users, addresses and accounts apart', () => {
    const limiter = limiterOf({ RATE_LIMIT_PER_MINUTE: '1', ANONYMOUS_PER_MINUTE: '1', LOGINS_PER_MINUTE: '1' });
    limiter.admit('ann', '10.0.0.1', now);
    limiter.admit('bob', '10.0.0.1', now);
    limiter.admit(null, '10.0.0.1', now);
    limiter.admit(null, '10.0.0.2', now);
    refusal(() => limiter.admit(null, '10.0.0.1', now));
    limiter.countLogin('10.0.0.1', 'ann@example.com', now);
    limiter.countLogin('10.0.0.1', 'bob@example.com', now);
    limiter.countLogin('10.0.0.2', 'ann@example.com', now);
    refusal(() => limiter.countLogin('10.0.0.1', ' ANN@example.com', now));
  });

  it('limits nothing with 0', () => {
    const limiter = limiterOf({ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_HOUR: '0' });
    expect(limiter.admit('ann', '', now)).toBeNull();
  });

  it('forgets who is idle, and nobody else', () => {
    const limiter = limiterOf({ RATE_LIMIT_PER_MINUTE: '2', RATE_LIMIT_PER_HOUR: '3' });
    for (let i = 0; i < 2; i++) limiter.admit('ann', '', now);
    limiter.takeChanges();
    limiter.forgetIdle(now + 30 * MINUTE);
    expect(limiter.admit('ann', '', now + 30 * MINUTE)).toMatchObject({ remaining: 0 });
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

/** A database that cannot be reached. */
class AbsentCounts extends RateCounts {
  override async exchange(): Promise<never> {
    throw new Error('away');
  }
}

describe('shared counts', () => {
  let dataDir: string;
  const closers: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'limits-'));
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await rm(dataDir, { recursive: true });
  });

  /** What one process has. */
  async function open(env: Record<string, string> = {}) {
    const dataSource = await createDataSource({ dataDir }, silent);
    closers.push(() => dataSource.destroy());
    const limiter = limiterOf(env);
    return { limiter, dataSource, sync: new RateSync(limiter, new RateCounts(dataSource), silent) };
  }

  it('hold over two processes', async () => {
    const env = { RATE_LIMIT_PER_MINUTE: '10' };
    const [one, two] = [await open(env), await open(env)];
    for (let i = 0; i < 4; i++) one.limiter.admit('ann', '');
    for (let i = 0; i < 3; i++) two.limiter.admit('ann', '');
    await one.sync.sync();
    await two.sync.sync();
    expect(two.limiter.admit('ann', '')!.remaining).toBe(2);
    one.limiter.admit('ann', '');
    await two.sync.sync();
    await one.sync.sync();
    expect(one.limiter.admit('ann', '')!.remaining).toBe(0);
    refusal(() => one.limiter.admit('ann', ''));
  });

  it('outlive the process: a restart empties no window', async () => {
    const env = { RATE_LIMIT_PER_HOUR: '3' };
    const first = await open(env);
    await first.sync.start();
    const halfAnHourAgo = Date.now() - 30 * MINUTE;
    for (let i = 0; i < 2; i++) first.limiter.admit('ann', '', halfAnHourAgo);
    await first.sync.stop();

    const next = await open(env);
    await next.sync.start();
    expect(next.limiter.admit('ann', '')!.remaining).toBe(0);
    const { quota } = refusal(() => next.limiter.admit('ann', ''));
    expect(quota.retryAfter).toBeGreaterThan(29 * 60);
    expect(quota.retryAfter).toBeLessThan(33 * 60);
    await next.sync.stop();
  });

  it('are counted once and not lost when the database is away for a while', async () => {
    const env = { RATE_LIMIT_PER_MINUTE: '10' };
    const [one, two] = [await open(env), await open(env)];
    for (let i = 0; i < 4; i++) one.limiter.admit('ann', '');
    await new RateSync(one.limiter, new AbsentCounts(one.dataSource), silent).sync();
    await one.sync.sync();
    await one.sync.sync();
    two.limiter.admit('ann', '');
    await two.sync.sync();
    expect(two.limiter.admit('ann', '')!.remaining).toBe(4);
  });
});
