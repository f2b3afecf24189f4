import { describe, expect, it } from 'vitest';
import { preferredType } from '../../src/rest/accept.js';
import { attachment } from '../../src/rest/content-disposition.js';
import { waitOf } from '../../src/rest/prefer.js';
import { parseTime } from '../../src/rest/times.js';

describe('preferredType', () => {
  const offered = ['text/html', 'application/json'] as const;
  it.each([
    [undefined, 'text/html'],
    ['*/*', 'text/html'],
    ['application/json', 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/html;q=0.2, application/json;q=0.7', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html;q=0, */*', 'application/json'],
    ['image/png', 'text/html'],
  ])('%s', (accept, expected) => expect(preferredType(accept, offered)).toBe(expected));
});

describe('attachment', () => {
  it('keeps a plain name', () => expect(attachment('adult.csv')).toBe('attachment; filename="adult.csv"'));

  it('spells other names in UTF-8, with an ASCII stand-in', () => {
    expect(attachment('名前 (1).csv')).toBe(
      `attachment; filename="__ (1).csv"; filename*=UTF-8''%E5%90%8D%E5%89%8D%20%281%29.csv`,
    );
  });

  it('lets no name break out of the header', () => {
    expect(attachment('a"; filename="b\r\nX: y')).not.toMatch(/[\r\n]|""/);
    expect(attachment('../../etc/passwd')).toBe(`attachment; filename=".._.._etc_passwd"`);
    expect(() => attachment('\ud800.csv')).not.toThrow();
  });
});

describe('waitOf', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['wait=5', 5],
    ['respond-async, wait=10', 10],
    ['wait = "7"', 7],
    ['wait=9999', 60],
    ['wait=-1', 0],
    ['wait=soon', 0],
    ['handling=lenient', 0],
  ])('%s', (prefer, seconds) => expect(waitOf(prefer)).toBe(seconds));
});

describe('parseTime', () => {
  it.each([
    ['2025-11-27T10:30:00Z', '2025-11-27T10:30:00.000Z'],
    ['2025-11-27T10:30:00.123456', '2025-11-27T10:30:00.123Z'],
    ['2025-11-27T10:30:00+02:00', '2025-11-27T08:30:00.000Z'],
    ['2025-11-27T10:30:00.5+0200', '2025-11-27T08:30:00.500Z'],
    ['2025-11-27 10:30:00', '2025-11-27T10:30:00.000Z'],
    ['2025-11-27T10:30', '2025-11-27T10:30:00.000Z'],
    ['2025-11-27', '2025-11-27T00:00:00.000Z'],
  ])('%s', (text, iso) => expect(parseTime(text)?.toISOString()).toBe(iso));

  it.each(['', 'yesterday', '1638360000', '2025-13-01', '2025-11-27T25:00:00Z', '27.11.2025', '2025-11-27T'])(
    'refuses "%s"',
    (text) => expect(parseTime(text)).toBeUndefined(),
  );
});
