import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { applyLoad } from '../support/load.js';
import { Client, Program } from '../support/program.js';

// The whole minute with 1,000 connections is `npm run bench -- load`.
it('answers each of 200 connections that read, upload and subscribe at once', { timeout: 120_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'load-'));
  const env = { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_HOUR: '0', UPLOADS_PER_MINUTE: '0' };
  const program = await Program.start({ dataDir, env });
  try {
    const client = await new Client(program.url).register();
    const { answers, lost, messages } = await applyLoad(program, client, { connections: 200, seconds: 8 });
    expect(lost).toEqual([]);
    expect(Object.keys(answers).toSorted()).toEqual(['200', '201']);
    expect(messages).toBeGreaterThan(0);
  } finally {
    await program.stop();
    await rm(dataDir, { recursive: true });
  }
});
