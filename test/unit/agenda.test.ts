import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agenda, type JobParameters, toJobId } from 'agenda';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueBackend } from '../../src/core/jobs/queue/queue-backend.js';
import { QueueEntry } from '../../src/core/jobs/queue/queue-entry.entity.js';
import { QueueRepository } from '../../src/core/jobs/queue/queue-repository.js';
import { createDataSource } from '../../src/core/persistence/data-source.js';

let dataDir: string;
let dataSource: DataSource;
let repository: QueueRepository;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agenda-'));
  dataSource = await createDataSource({ dataDir }, pino({ level: 'silent' }));
  repository = new QueueRepository(dataSource);
});
afterEach(async () => {
  await dataSource.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

const PAST = new Date(Date.now() - 10_000);
const FUTURE = new Date(Date.now() + 3_600_000);
const LONG_AGO = new Date(0);

function save(fields: Partial<JobParameters<unknown>> = {}) {
  const job = {
    name: 'work',
    priority: 0,
    type: 'normal',
    nextRunAt: PAST,
    data: {},
    ...fields,
  } as JobParameters<unknown>;
  return repository.saveJob(job, { lastModifiedBy: 'test' });
}
const next = (lockDeadline = LONG_AGO) =>
  repository.getNextJobToRun('work', new Date(), lockDeadline, undefined, undefined);

const debounced = (strategy: 'leading' | 'trailing', maxWait?: number) =>
  save({
    name: strategy,
    unique: { u: 1 },
    uniqueOpts: { debounce: { delay: 60_000, strategy, ...(maxWait !== undefined && { maxWait }) } },
  });

describe('the queue of agenda', () => {
  it('locks each entry for one of many that ask at once', async () => {
    for (let i = 0; i < 5; i++) await save({ data: { i } });
    const others = Array.from({ length: 4 }, () => new QueueRepository(dataSource));
    const taken = await Promise.all(
      [repository, ...others, repository, ...others].map((each) =>
        each.getNextJobToRun('work', new Date(), LONG_AGO, undefined, undefined),
      ),
    );
    const ids = taken.filter((job) => job !== undefined).map((job) => job._id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = [];
    for (let job = await next(); job !== undefined; job = await next()) rest.push(job._id);
    expect(new Set([...ids, ...rest]).size).toBe(5);
  });

  it('gives the highest priority first, then the longest waiting; nothing disabled, locked or not yet due', async () => {
    await save({ data: 'future', nextRunAt: FUTURE });
    await save({ data: 'disabled', disabled: true });
    await save({ data: 'late', nextRunAt: new Date(PAST.getTime() + 5) });
    await save({ data: 'early' });
    await save({ data: 'urgent', priority: 10, nextRunAt: new Date(PAST.getTime() + 9) });
    await save({ data: 'other', name: 'other' });
    const order = [await next(), await next(), await next(), await next()].map((job) => job?.data);
    expect(order).toEqual(['urgent', 'early', 'late', undefined]);
  });

  it('gives an entry again whose lock was not touched in time', async () => {
    const { _id } = await save();
    expect((await next())!._id).toBe(_id);
    expect(await next()).toBeUndefined();
    const again = await next(new Date(Date.now() + 1));
    expect(again!._id).toBe(_id);
    // One that runs has no next run: the stale lock alone makes it due.
    await repository.saveJobState({ ...again!, nextRunAt: null, lockedAt: LONG_AGO }, undefined);
    expect((await next(new Date(1)))!._id).toBe(_id);
  });

  it('locks by the state that was read', async () => {
    const job = await save();
    const [one, two] = await Promise.all([repository.lockJob(job, undefined), repository.lockJob(job, undefined)]);
    expect([one, two].filter((locked) => locked !== undefined)).toHaveLength(1);
    await repository.unlockJob(job);
    expect(await repository.lockJob({ ...job, nextRunAt: FUTURE }, undefined)).toBeUndefined();
    expect(await repository.lockJob(job, { lastModifiedBy: 'me' })).toMatchObject({ lastModifiedBy: 'me' });
    await repository.unlockJobs([String(job._id)]);
    expect(await next()).toBeDefined();
  });

  it('keeps the lock of a running entry when a processor unlocks', async () => {
    const job = (await save(), (await next())!);
    await repository.saveJobState({ ...job, nextRunAt: null }, undefined);
    await repository.unlockJob(job);
    expect((await repository.getJobById(String(job._id)))!.lockedAt).toBeInstanceOf(Date);
  });

  it('gives back what was saved, absent where nothing was', async () => {
    const job = await save({ data: { a: [1, null] }, repeatInterval: '5 minutes', skipDays: [0], startDate: FUTURE });
    const read = await repository.getJobById(String(job._id));
    expect(read).toEqual({
      _id: job._id,
      name: 'work',
      type: 'normal',
      priority: 0,
      disabled: false,
      nextRunAt: PAST,
      data: { a: [1, null] },
      repeatInterval: '5 minutes',
      skipDays: [0],
      startDate: FUTURE,
      lastModifiedBy: 'test',
    });
    expect(await repository.getJobById('nothing')).toBeNull();
    const edited = await repository.saveJob({ ...read!, priority: 5, data: 'new' }, undefined);
    expect(edited).toMatchObject({ _id: job._id, priority: 5, data: 'new' });
  });

  it('refuses to save the state of an entry that is gone', async () => {
    const job = await save();
    expect(await repository.removeJobs({ id: String(job._id) })).toBe(1);
    await expect(repository.saveJobState(job, undefined)).rejects.toThrow('is gone');
  });

  it('keeps one entry of a kind that may exist once, and its time', async () => {
    const first = await save({ type: 'single', nextRunAt: FUTURE, data: 1 });
    const second = await save({ type: 'single', data: 2 });
    expect(second).toMatchObject({ _id: first._id, data: 2, nextRunAt: FUTURE });
    const unique = { unique: { 'data.user': 7 }, uniqueOpts: { insertOnly: true } };
    const [a, b] = await Promise.all([save({ ...unique, data: 'a' }), save({ ...unique, data: 'b' })]);
    expect(a._id).toBe(b._id);
    expect(await dataSource.manager.count(QueueEntry)).toBe(2);
  });

  it('puts a debounced entry off at each save, until its longest wait', async () => {
    const trailing = await debounced('trailing');
    expect(trailing.nextRunAt!.getTime()).toBeGreaterThan(Date.now() + 50_000);
    expect((await debounced('trailing', 0)).nextRunAt!.getTime()).toBeLessThanOrEqual(Date.now());
    await debounced('leading');
    expect((await debounced('leading')).nextRunAt).toEqual(PAST);
  });

  it('lists, counts, disables and removes by what is asked, and never everything by mistake', async () => {
    await save({ data: { user: { id: 1, name: 'x' } } });
    await save({ name: 'other', nextRunAt: FUTURE, data: { user: { id: 2 } } });
    await save({ name: 'Third', disabled: true });
    const names = async (options: Parameters<QueueRepository['queryJobs']>[0]) =>
      (await repository.queryJobs(options)).jobs.map(({ name }) => name);
    expect(await names({ data: { user: { id: 1 } } })).toEqual(['work']);
    expect(await names({ search: 'THI' })).toEqual(['Third']);
    expect(await names({ includeDisabled: false, sort: { nextRunAt: 'asc' } })).toEqual(['work', 'other']);
    expect(await names({ state: 'paused' })).toEqual(['Third']);
    expect(await repository.queryJobs({ sort: { name: 'asc' }, skip: 1, limit: 1 })).toMatchObject({
      total: 3,
      jobs: [{ name: 'other' }],
    });
    expect(await names({ names: ['other', 'work'], state: 'scheduled' })).toEqual(['other']);
    expect(await repository.getDistinctJobNames()).toEqual(['Third', 'other', 'work']);
    expect(await repository.getQueueSize()).toBe(2);
    expect((await repository.getJobsOverview()).find(({ name }) => name === 'other')).toMatchObject({
      total: 1,
      scheduled: 1,
    });
    expect(await repository.disableJobs({ names: ['work'] })).toBe(1);
    expect(await repository.enableJobs({ notNames: ['other', 'Third'] })).toBe(1);
    expect(await repository.removeJobs({})).toBe(0);
    expect(await repository.removeJobs({ ids: [] })).toBe(0);
    expect(await repository.removeJobs({ ids: [toJobId('nothing')] })).toBe(0);
    expect(await repository.removeJobs({ data: { user: { id: 2 } } })).toBe(1);
    expect(await repository.purgeAllJobs()).toBe(2);
  });

  it('serves agenda itself: now, again and again, failures, and its lock', async () => {
    const agenda = new Agenda({ backend: new QueueBackend(dataSource), processEvery: 20 });
    const ran: string[] = [];
    agenda.define('once', async (job: { attrs: { data: { n: number } } }) => void ran.push(`once ${job.attrs.data.n}`));
    agenda.define('fails', async () => {
      throw new Error('told');
    });
    agenda.define('every', async () => void ran.push('every'));
    await agenda.start();
    await agenda.now('once', { n: 1 });
    const failing = await agenda.now('fails', {});
    await agenda.every('0.05 seconds', 'every');
    await expect.poll(() => ran.filter((name) => name === 'every').length).toBeGreaterThan(2);
    await expect.poll(async () => (await repository.getJobById(String(failing.attrs._id)))?.failReason).toBe('told');
    await agenda.stop();
    expect(ran.filter((name) => name === 'once 1')).toHaveLength(1);
    expect((await repository.queryJobs({ name: 'every' })).total).toBe(1);
  });
});
