import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DATA_SOURCE } from '../../src/core/app/tokens.js';
import { ProcessLifecycle } from '../../src/core/app/lifecycle.js';
import { createRestClient, expectFailure } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
afterEach(() => studio?.close());

async function open(env: Record<string, string> = {}) {
  studio = await startStudio({ env: { LOG_LEVEL: 'silent', ...env } });
  return createRestClient(studio);
}

describe('health', () => {
  it('tells each part as it is, having written and read', async () => {
    const call = await open();
    const opened = performance.now();
    await call('GET', '/health/live');
    const { status, body } = await call('GET', '/health');
    expect(status).toBe(200);
    // Of the process, not of whatever the first question set up.
    expect(body.uptime_seconds).toBeGreaterThan(opened / 1000);
    expect(body).toEqual({
      status: 'healthy',
      version: expect.any(String),
      uptime_seconds: expect.any(Number),
      checks: {
        database: { status: 'ok', detail: expect.stringMatching(/wrote and read/) },
        storage: { status: 'ok', detail: expect.stringMatching(/wrote and read/) },
        queue: { status: 'ok', detail: '0 running, 0 waiting, the oldest for 0 s' },
        disk: { status: 'ok', detail: expect.stringMatching(/MiB free/) },
      },
    });
    // What it wrote does not stay.
    expect(await readdir(join(studio.dataDir, 'objects'))).toEqual(['datasets', 'evaluations', 'models']);
    expect((await call('GET', '/health/ready')).body).toEqual({ status: 'ready' });
  });

  it('is degraded where space runs out, and still takes requests', async () => {
    const call = await open({ MIN_FREE_DISK: '1000000GiB' });
    const { status, body } = await call('GET', '/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      checks: { disk: { status: 'failed' }, database: { status: 'ok' } },
    });
    expect(body.checks.disk.detail).toContain('MIN_FREE_DISK');
    expect((await call('GET', '/health/ready')).status).toBe(200);
  });

  it('is degraded, and not ready, while the store cannot be written', async () => {
    const call = await open();
    await rm(join(studio.dataDir, 'objects'), { recursive: true });
    expect((await call('GET', '/health')).body).toMatchObject({
      status: 'degraded',
      checks: { storage: { status: 'failed' }, database: { status: 'ok' } },
    });
    const answer = await call('GET', '/health/ready');
    expectFailure(answer, 503, 'unavailable');
    expect(answer.headers['retry-after']).toBe('5');
  });

  it('is degraded, and not ready, while the database cannot be written, although it can be read', async () => {
    const call = await open();
    await studio.container.resolve(DATA_SOURCE).query('ALTER TABLE "health_probe" RENAME TO "gone"');
    const { body } = await call('GET', '/health');
    expect(body).toMatchObject({
      status: 'degraded',
      checks: { database: { status: 'failed' }, queue: { status: 'ok' } },
    });
    expectFailure(await call('GET', '/health/ready'), 503, 'unavailable');
  });

  it('is degraded when jobs wait for a worker that never comes', async () => {
    const call = await open({ STUDIO_ROLE: 'api' });
    await studio.container
      .resolve(DATA_SOURCE)
      .query(
        `INSERT INTO "job" ("id", "ownerId", "kind", "subjectId", "status", "attempts", "progress", "cancelRequested", "createdAt", "updatedAt") VALUES ('j', 'o', 'generate', 's', 'pending', 0, 0, false, ${Date.now() - 61_000}, 0)`,
      );
    expect((await call('GET', '/health')).body).toMatchObject({
      status: 'degraded',
      checks: { queue: { status: 'failed', detail: 'Jobs wait and no worker takes them' } },
    });
  });

  it('is alive and not ready while the studio ends; other requests are told to come again', async () => {
    const call = await open();
    expect((await call('GET', '/health/ready')).status).toBe(200);
    studio.container.resolve(ProcessLifecycle).drain();
    expect((await call('GET', '/health/live')).status).toBe(200);
    const ready = await call('GET', '/health/ready');
    expectFailure(ready, 503, 'unavailable');
    expect(ready.body.detail).toBe('The studio is shutting down');
    const other = await call('GET', '/datasets/');
    expectFailure(other, 503, 'unavailable');
    expect(other.headers).toMatchObject({ 'retry-after': '5', connection: 'close' });
  });
});
