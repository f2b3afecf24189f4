import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/core/app/logger.js';

function capture(logLevel: string, isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const logger = createLogger({ logLevel }, { stream });
  const text = () => stripVTControlCharacters(String(stream.read() ?? ''));
  return { logger, text };
}

describe('the log', () => {
  it('is JSON where no terminal reads it, from its level on', () => {
    const { logger, text } = capture('warn', false);
    logger.info('quiet');
    logger.warn({ jobId: 'j' }, 'loud');
    expect(JSON.parse(text())).toMatchObject({ level: 40, jobId: 'j', msg: 'loud' });
  });

  it('is one readable line each on a terminal, with the stack of an error', () => {
    const { logger, text } = capture('info', true);
    logger.info({ port: 8000, list: [1] }, 'listening');
    expect(text()).toMatch(/^\d\d:\d\d:\d\d info {2}listening port=8000 list=\[1\]\n$/);
    logger.error({ err: new Error('broken') }, 'failed');
    expect(text()).toMatch(/^\d\d:\d\d:\d\d error failed\nError: broken\n +at /);
  });

  it('never holds a secret', () => {
    for (const isTTY of [true, false]) {
      const { logger, text } = capture('info', isTTY);
      const secrets = {
        password: 's3cret',
        headers: { authorization: 's3cret', cookie: 's3cret', 'x-api-key': 's3cret' },
      };
      logger.info({ ...secrets, body: secrets, req: secrets, refresh_token: 's3cret' }, 'request');
      const line = text();
      expect(line).toContain('[redacted]');
      expect(line).not.toContain('s3cret');
    }
  });
});
