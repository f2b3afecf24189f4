import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeasePool } from '../../src/core/persistence/sqlite/lease-pool.js';

const TIMEOUT = 30_000;

function poolOfOne() {
  return new LeasePool<string>({ open: async () => 'the one', close: async () => {}, maximum: 1, timeout: TIMEOUT });
}

describe('a pool of leases', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('lends first come, first served, and leaves no timer behind', async () => {
    const pool = poolOfOne();
    const order: number[] = [];
    const held = await pool.lease();
    const waiting = [1, 2, 3].map(async (who) => {
      const item = await pool.lease();
      order.push(who);
      pool.giveBack(item);
    });
    pool.giveBack(held);
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up on each who has waited for the whole time, and on nobody before', async () => {
    const pool = poolOfOne();
    await pool.lease();
    const ended: string[] = [];
    const wait = (who: string) => pool.lease().catch(({ message }: Error) => ended.push(`${who}: ${message}`));
    void wait('first');
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2);
    void wait('second');
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2 - 1);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual([expect.stringMatching(/^first: .*in 30 s/)]);
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2);
    expect(ended).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
