import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TableWork } from '../../src/core/datasets/table-work.js';
import { LeasePool } from '../../src/core/persistence/sqlite/lease-pool.js';

it('reads no more tables at once than there are cores, in the order of their asking, whatever fails', async () => {
  const work = new TableWork();
  const begun: number[] = [];
  let [running, most] = [0, 0];
  const all = Array.from({ length: 20 }, (_, i) =>
    work.run(async () => {
      begun.push(i);
      most = Math.max(most, ++running);
      await pause(2);
      running--;
      if (i % 3 === 0) throw new Error(`table ${i}`);
      return i;
    }),
  );
  const results = await Promise.allSettled(all);
  expect(most).toBe(Math.max(2, availableParallelism()));
  expect(begun).toEqual(results.map((_, i) => i));
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual(results.map((_, i) => i % 3 !== 0));
});

it('says that the database is out of reach, and when to come again, when no connection comes free in time', async () => {
  const pool = new LeasePool({ open: async () => 'connection', close: async () => {}, maximum: 1, timeout: 20 });
  const item = await pool.lease();
  await expect(pool.lease()).rejects.toMatchObject({ type: 'unavailable', retryAfter: expect.any(Number) });
  pool.giveBack(item);
  expect(await pool.lease()).toBe(item);
});
