import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../src/core/errors/index.js';
import { EventBus } from '../../src/core/events/index.js';
import { Job } from '../../src/core/jobs/job.entity.js';
import { JobService } from '../../src/core/jobs/job.service.js';
import { JobQueue } from '../../src/core/jobs/queue/job-queue.js';
import { QueueEntry } from '../../src/core/jobs/queue/queue-entry.entity.js';
import { Worker } from '../../src/core/jobs/worker.js';
import { JobsLab } from '../support/jobs-lab.js';

let lab: JobsLab;
beforeEach(async () => {
  lab = await JobsLab.open();
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
});

/** Folders are cleared away after the row tells of the end: asked for once all of that is done. */
const scratchFolders = async () => {
  await lab.stopWorker();
  return readdir(join(lab.config.dataDir, 'scratch'));
};

describe('the container', () => {
  it('gives an app one queue, one bus and one worker of its own', () => {
    const [one, two] = [lab.container(), lab.container()];
    const worker = one.resolve(Worker);
    expect(one.resolve(Worker)).toBe(worker);
    expect(two.resolve(Worker)).not.toBe(worker);
    expect(one.resolve(JobService)).toBe(one.resolve(JobService));
    expect(one.resolve(EventBus)).not.toBe(two.resolve(EventBus));
    expect(one.resolve(JobQueue)).toBe(one.resolve(JobQueue));
  });
});

describe('a job', () => {
  it('runs in a process of its own, tells its progress, and is recorded with its completion', async () => {
    await lab.startWorker();
    let filesAtPublish: string[] = [];
    lab.handler.onPublish = async (_job, scratch) => {
      filesAtPublish = await readdir(scratch);
    };
    const { id } = await lab.submit('finish');
    const states = await lab.follow(id);
    const last = states.at(-1)!;
    expect(last).toMatchObject({ status: 'completed', progress: 1, attempts: 1, phase: 'sample', error: null });
    expect(last.metrics).toEqual({ loss: 0.1, epsilon: 1, delta: 1e-5 });
    expect(last.startedAt).toBeInstanceOf(Date);
    expect(last.completedAt).toBeInstanceOf(Date);
    expect(states.map(({ progress }) => progress)).toEqual(
      states.map(({ progress }) => progress).toSorted((a, b) => a - b),
    );
    const { result, scratch } = lab.handler.published[0]!;
    expect(result['pid']).not.toBe(process.pid);
    expect(result['nice']).toBeGreaterThan(0);
    expect(filesAtPublish).toEqual(['rows.txt']);
    expect(lab.handler.recorded).toEqual([id]);
    expect(await scratchFolders()).toEqual([]);
    await expect(stat(scratch)).rejects.toThrow('ENOENT');
    expect(lab.logged).toContainEqual(expect.objectContaining({ jobId: id, msg: 'task begins', behaviour: 'finish' }));
  });

  it('starts without waiting for the queue to be polled', async () => {
    await lab.startWorker();
    const job = await lab.submit('finish');
    const { startedAt } = await lab.ended(job.id);
    // Polling comes once a second; the wake-up takes some milliseconds.
    expect(startedAt!.getTime() - job.createdAt.getTime()).toBeLessThan(300);
  });

  it('that waited behind another starts when that one ends', async () => {
    await lab.startWorker();
    const [first, second] = [await lab.submit('finish'), await lab.submit('finish')];
    const [a, b] = [await lab.ended(first!.id), await lab.ended(second!.id)];
    expect(b.startedAt!.getTime()).toBeGreaterThanOrEqual(a.completedAt!.getTime());
    expect(b.startedAt!.getTime() - a.completedAt!.getTime()).toBeLessThan(300);
  });

  it('runs beside others where the configuration says so', async () => {
    await lab[Symbol.asyncDispose]();
    lab = await JobsLab.open({ WORKER_CONCURRENCY: '2' });
    await lab.startWorker();
    const ids = [await lab.submit('loop'), await lab.submit('loop'), await lab.submit('finish')].map(({ id }) => id);
    for (const id of ids.slice(0, 2)) await lab.until(id, ({ phase }) => phase === 'train');
    expect((await lab.jobs.get(ids[2]!)).status).toBe('pending');
    await lab.jobs.cancel(ids[0]!);
    expect((await lab.ended(ids[2]!)).status).toBe('completed');
    expect((await lab.jobs.get(ids[1]!)).status).toBe('running');
  });

  it('of a rolled back transaction never runs', async () => {
    await lab.startWorker();
    const accepted = lab.dataSource.transaction(async (manager) => {
      await lab.jobs.create(manager, { kind: 'generate', ownerId: 'o', subjectId: 's' });
      throw new Error('rolled back');
    });
    await expect(accepted).rejects.toThrow('rolled back');
    expect(await lab.dataSource.manager.count(Job)).toBe(0);
    expect(await lab.dataSource.manager.count(QueueEntry)).toBe(0);
  });

  it('keeps what its trainer prints out of the studio, in the log alone', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('print');
    expect((await lab.ended(id)).status).toBe('completed');
    expect(lab.logged).toContainEqual(expect.objectContaining({ jobId: id, line: 'noise on stdout' }));
  });

  it('delivered twice runs once', async () => {
    const { id } = await lab.submit('finish');
    await lab.queue.add(lab.dataSource.manager, id);
    const seen: string[] = [];
    await lab.queue.start(2, async (delivery) => void seen.push(delivery.jobId));
    await expect.poll(() => seen.length).toBe(2);
    await lab.queue.stop();
    await lab.startWorker();
    await lab.queue.add(lab.dataSource.manager, id);
    expect((await lab.ended(id)).attempts).toBe(1);
    await expect.poll(() => lab.dataSource.manager.count(QueueEntry)).toBe(0);
    expect(lab.handler.recorded).toEqual([id]);
  });
});

describe('a failure', () => {
  it('that the trainer expects is told as it is, after one attempt', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('refuse');
    expect(await lab.ended(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { type: 'validation_error', detail: 'Category "x" is not in column "y"' },
    });
    expect(lab.handler.settled.map((job) => job.id)).toEqual([id]);
    expect(await scratchFolders()).toEqual([]);
  });

  it('of a plugin is a fault, not tried again', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('fault');
    expect(await lab.ended(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { type: 'internal_error', detail: 'TypeError: plugin fault' },
    });
  });

  it('to send an answer is a fault of the plugin too', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('unsendable');
    expect(await lab.ended(id)).toMatchObject({ status: 'failed', attempts: 1, error: { type: 'internal_error' } });
    expect(lab.logged.filter(({ msg }) => msg === 'odd')).toHaveLength(2);
  });

  it('while preparing keeps the type of an expected failure, and masks a fault', async () => {
    await lab.startWorker();
    lab.handler.onPrepare = async () => {
      throw new StudioError('conflict', 'The model was deleted');
    };
    const first = await lab.submit('finish');
    expect((await lab.ended(first.id)).error).toEqual({ type: 'conflict', detail: 'The model was deleted' });
    lab.handler.onPrepare = async () => {
      throw new Error('secret path');
    };
    const second = await lab.submit('finish');
    expect((await lab.ended(second.id)).error).toEqual({
      type: 'internal_error',
      detail: 'The job could not be prepared',
    });
  });

  it('to record leaves neither the rows nor a completed job', async () => {
    await lab.startWorker();
    lab.handler.onRecord = async (_job, manager) => {
      await manager.insert(Job, { ...(await manager.findOneByOrFail(Job, {})), id: 'half' } as object);
      throw new Error('constraint');
    };
    const { id } = await lab.submit('finish');
    expect((await lab.ended(id)).error).toEqual({ type: 'internal_error', detail: 'The result could not be stored' });
    expect(await lab.dataSource.manager.existsBy(Job, { id: 'half' })).toBe(false);
  });

  it('to keep what is worth keeping does not hold up the end', async () => {
    await lab.startWorker();
    lab.handler.onSettle = async () => {
      throw new Error('cannot settle');
    };
    const { id } = await lab.submit('fault');
    expect((await lab.ended(id)).status).toBe('failed');
  });

  it('for want of disk space says so', async () => {
    await lab.startWorker();
    lab.handler.onPublish = async () => {
      throw Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    };
    const { id } = await lab.submit('finish');
    expect((await lab.ended(id)).error).toEqual({ type: 'insufficient_storage', detail: 'No space left in DATA_DIR' });
  });
});

describe('a lost trainer', () => {
  it('is tried again, and goes on from its last checkpoint', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('dieOnce');
    expect(await lab.ended(id)).toMatchObject({ status: 'completed', attempts: 2 });
    expect(lab.handler.published[0]!.result['resumed']).toEqual({ epoch: 4 });
    expect(await scratchFolders()).toEqual([]);
  });

  it('fails after three attempts, with the signal that killed it', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('die');
    const job = await lab.ended(id);
    expect(job).toMatchObject({ status: 'failed', attempts: 3, error: { type: 'worker_lost' } });
    expect(job.error!.detail).toMatch(/SIGKILL.*3 attempts/);
    expect(await scratchFolders()).toEqual([]);
  });

  it('tells its exit code, and its last words in the log', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('exit');
    expect((await lab.ended(id)).error!.detail).toContain('exit code 7');
    expect(lab.logged).toContainEqual(expect.objectContaining({ jobId: id, output: ['native library gave up'] }));
  });
});

describe('cancelling', () => {
  it('ends a waiting job at once', async () => {
    const { id } = await lab.submit('finish');
    expect(await lab.jobs.cancel(id)).toMatchObject({ status: 'cancelled', attempts: 0 });
    await lab.startWorker();
    expect(lab.handler.published).toEqual([]);
    await expect(lab.jobs.cancel(id)).rejects.toMatchObject({ type: 'conflict' });
  });

  it('stops a training loop that ticks within the time of a step', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('loop');
    await lab.until(id, ({ phase }) => phase === 'train');
    const start = performance.now();
    expect(await lab.jobs.cancel(id)).toMatchObject({ status: 'running', cancelRequested: true });
    expect(await lab.ended(id)).toMatchObject({ status: 'cancelled', error: null });
    // 25 ms until the loop yields, 100 ms until the watcher reads the row, and the time of two busy cores.
    expect(performance.now() - start).toBeLessThan(1000);
    expect(lab.handler.settled.map((job) => job.status)).toEqual(['cancelled']);
    expect(await scratchFolders()).toEqual([]);
  });

  it('kills a trainer that does not listen', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('hang');
    await lab.until(id, ({ phase }) => phase === 'train');
    const start = performance.now();
    await lab.jobs.cancel(id);
    expect((await lab.ended(id)).status).toBe('cancelled');
    expect(performance.now() - start).toBeGreaterThan(4500);
  });

  it('goes before a stop of the studio', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('hang');
    await lab.until(id, ({ phase }) => phase === 'train');
    const stopped = lab.stopWorker();
    await lab.jobs.cancel(id);
    await stopped;
    expect((await lab.jobs.get(id)).status).toBe('cancelled');
    expect(await scratchFolders()).toEqual([]);
  });

  it('of a job that waits for its next attempt clears away what it kept', async () => {
    const { id } = await lab.submit('finish');
    await lab.store.jobFolder(id);
    await lab.jobs.cancel(id);
    expect(await scratchFolders()).toEqual([]);
  });

  it('written by another process is seen', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('loop');
    await lab.until(id, ({ phase }) => phase === 'train');
    await lab.dataSource.manager.update(Job, { id }, { cancelRequested: true });
    expect((await lab.ended(id)).status).toBe('cancelled');
  });

  it('refuses an unknown job', async () => {
    await expect(lab.jobs.cancel('nobody')).rejects.toMatchObject({ type: 'resource_not_found' });
  });
});

describe('stopping', () => {
  it('takes seconds, gives running jobs back without counting the attempt, and a new worker goes on', async () => {
    await lab.startWorker();
    const [running, waiting] = [await lab.submit('loop'), await lab.submit('finish')];
    await lab.until(running!.id, ({ phase }) => phase === 'train');
    const start = performance.now();
    await lab.stopWorker();
    expect(performance.now() - start).toBeLessThan(3500);
    expect(await lab.jobs.get(running!.id)).toMatchObject({
      status: 'queued',
      attempts: 0,
      workerId: null,
      progress: 0,
    });
    lab.handler.behaviours.set(running!.subjectId, 'finish');
    await lab.startWorker();
    expect(await lab.ended(running!.id)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await lab.ended(waiting!.id)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('kills a trainer that does not listen, in time', async () => {
    await lab.startWorker();
    const { id } = await lab.submit('hang');
    await lab.until(id, ({ phase }) => phase === 'train');
    const start = performance.now();
    await lab.stopWorker();
    expect(performance.now() - start).toBeLessThan(3500);
    expect(await lab.jobs.get(id)).toMatchObject({ status: 'queued', attempts: 0 });
  });
});

const leave = (id: string, attempts: number) =>
  lab.dataSource.manager.update(
    Job,
    { id },
    { status: 'running', attempts, workerId: 'gone', heartbeatAt: new Date() },
  );

describe('a worker that was killed', () => {
  it('leaves jobs that the next one takes up, each once', async () => {
    const { id } = await lab.submit('finish');
    await leave(id, 1);
    // Its queue entry is locked by the dead process.
    await lab.dataSource.manager.update(QueueEntry, { name: 'run-job' }, { lockedAt: new Date(), nextRunAt: null });
    await lab.startWorker();
    expect(await lab.ended(id)).toMatchObject({ status: 'completed', attempts: 2 });
    expect(lab.handler.recorded).toEqual([id]);
  });

  it('costs an attempt, so that what kills it each time fails at last', async () => {
    const { id } = await lab.submit('finish');
    await leave(id, 3);
    await lab.startWorker();
    const job = await lab.jobs.get(id);
    expect(job).toMatchObject({ status: 'failed', error: { type: 'worker_lost' } });
    expect(lab.handler.settled.map((settled) => settled.id)).toEqual([id]);
  });

  it('leaves cancelled what was being cancelled', async () => {
    const { id } = await lab.submit('finish');
    await leave(id, 1);
    await lab.dataSource.manager.update(Job, { id }, { cancelRequested: true });
    await lab.startWorker();
    expect(await lab.jobs.get(id)).toMatchObject({ status: 'cancelled' });
  });
});
