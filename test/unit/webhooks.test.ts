import { describe, expect, it } from 'vitest';
import { nextTry } from '../../src/core/webhooks/backoff.js';
import { isPublicAddress } from '../../src/core/webhooks/public-address.js';

describe('isPublicAddress', () => {
  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
  ])('takes %s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    '0.1.2.3',
    '10.0.0.0',
    '10.255.255.255',
    '100.64.0.0',
    '100.100.100.200',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.0',
    '192.0.0.192',
    '192.168.255.255',
    '198.19.255.255',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:10.0.0.1',
    '64:ff9b::808:808',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:a00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'example.com',
    '',
  ])('refuses %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('nextTry', () => {
  const begin = new Date('2026-01-01T00:00:00Z');
  const until = new Date('2026-01-02T00:00:00Z');

  /** Milliseconds after the first try, of every try of a receiver that never takes it. */
  function tries(): number[] {
    const times = [0];
    for (let now: Date | null = begin; (now = nextTry(times.length, now, until, 5000)) !== null;) {
      times.push(now.getTime() - begin.getTime());
    }
    return times;
  }

  it('waits about twice as long each time, for a day, and tries a last time at its end', () => {
    const times = tries();
    expect(times.at(-1)).toBe(86_400_000);
    expect(times.length).toBeGreaterThanOrEqual(16);
    expect(times.length).toBeLessThanOrEqual(25);
    const waits = times.slice(1).map((time, i) => time - times[i]!);
    for (const [i, wait] of waits.slice(0, -1).entries()) {
      const longest = Math.min(5000 * 2 ** i, 6 * 3_600_000);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }
  });

  it('spreads what failed together', () => {
    // 100 draws among 2,501 values: fewer than 50 different ones has a chance far below 1e-20.
    const drawn = Array.from({ length: 100 }, () => nextTry(1, begin, until, 5000)!.getTime());
    expect(new Set(drawn).size).toBeGreaterThan(50);
  });
});
