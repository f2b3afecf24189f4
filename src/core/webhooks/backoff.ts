import { randomInt } from 'node:crypto';

/** Milliseconds: however often it failed, a receiver that is back hears of it within this. */
const LONGEST_DELAY = 6 * 3_600_000;

/**
 * When to try again after `failures` failed tries: twice as long each time, up to six hours, of which a random half
 * spreads what failed together. The last try is at `until`; null once that has passed.
 */
export function nextTry(failures: number, now: Date, until: Date, firstDelay: number): Date | null {
  if (now >= until) return null;
  const delay = Math.min(firstDelay * 2 ** (failures - 1), LONGEST_DELAY);
  const spread = Math.ceil(delay / 2);
  const time = now.getTime() + delay - spread + randomInt(spread + 1);
  return new Date(Math.min(time, until.getTime()));
}
