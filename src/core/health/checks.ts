import { randomUUID } from 'node:crypto';
import { In, type DataSource } from 'typeorm';
import { freeBytes } from '../app/data-dir.js';
import { Job, WAITING_STATUSES } from '../jobs/job.entity.js';
import type { JobQueue } from '../jobs/queue/job-queue.js';
import type { ObjectStore } from '../storage/object-store.js';
import { HealthProbe } from './health-probe.entity.js';

const PROBE_ID = 'probe';
/** Jobs that wait although nothing works on any job: the worker is gone. */
const STUCK_AFTER_MS = 60_000;
/** The queue of a worker looks for jobs every second; one that has not for this long is dead. */
const SILENT_AFTER_MS = 15_000;

// Each returns what is worth telling, or throws why it is not well.

/** Writes a row and reads it back. */
export async function checkDatabase(dataSource: DataSource): Promise<string> {
  const begin = performance.now();
  const probes = dataSource.getRepository(HealthProbe);
  const checkedAt = new Date();
  await probes.save({ id: PROBE_ID, checkedAt });
  const read = await probes.findOneByOrFail({ id: PROBE_ID });
  // Another process may have written since.
  if (read.checkedAt < checkedAt) throw new Error('A row that was written is not there');
  return `wrote and read in ${Math.round(performance.now() - begin)} ms`;
}

/** Writes a file where uploads and models go, and reads it back. */
export async function checkStorage(store: ObjectStore): Promise<string> {
  const begin = performance.now();
  await store.probe(randomUUID());
  return `wrote and read in ${Math.round(performance.now() - begin)} ms`;
}

export async function checkQueue(dataSource: DataSource, queue: JobQueue): Promise<string> {
  const jobs = dataSource.getRepository(Job);
  const waiting = await jobs.countBy({ status: In(WAITING_STATUSES) });
  const running = await jobs.countBy({ status: 'running' });
  const oldest = waiting === 0 ? undefined : await oldestWaiting(dataSource);
  const age = oldest === undefined ? 0 : Date.now() - oldest.createdAt.getTime();
  const silence = queue.silence() ?? 0;
  // A worker whose hands are full does not look for more.
  if (running === 0 && silence > SILENT_AFTER_MS) {
    throw new Error(`The queue was last looked at ${Math.round(silence / 1000)} s ago`);
  }
  if (running === 0 && age > STUCK_AFTER_MS) throw new Error('Jobs wait and no worker takes them');
  return `${running} running, ${waiting} waiting, the oldest for ${Math.round(age / 1000)} s`;
}

export async function checkDisk(dataDir: string, minimumBytes: number): Promise<string> {
  const free = await freeBytes(dataDir);
  const text = `${Math.floor(free / 1024 ** 2)} MiB free`;
  if (free < minimumBytes) {
    throw new Error(`Only ${text} in DATA_DIR, below MIN_FREE_DISK (${Math.floor(minimumBytes / 1024 ** 2)} MiB)`);
  }
  return text;
}

async function oldestWaiting(dataSource: DataSource): Promise<Job | undefined> {
  const found = await dataSource.getRepository(Job).find({
    where: { status: In(WAITING_STATUSES) },
    order: { createdAt: 'ASC' },
    take: 1,
  });
  return found[0];
}
