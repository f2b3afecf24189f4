import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keptSecret } from '../../src/core/app/secrets.js';

it('a secret that many ask for at once is made once, whole, and kept', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'secrets-'));
  const asked = await Promise.all(Array.from({ length: 20 }, () => keptSecret(dataDir, 'key')));
  expect(new Set(asked).size).toBe(1);
  expect(asked[0]).toMatch(/^[\w-]{64}$/);
  expect(await keptSecret(dataDir, 'key')).toBe(asked[0]);
  expect(await readdir(join(dataDir, 'secrets'))).toEqual(['key']);
  await rm(dataDir, { recursive: true });
});
