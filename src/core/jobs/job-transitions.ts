import { type EntityManager, type FindOptionsWhere, In, IsNull } from 'typeorm';
import { Job, type JobFailure, WAITING_STATUSES } from './job.entity.js';

/** Starts of a trainer that a job may lose before it fails. */
const MAXIMUM_ATTEMPTS = 3;

/** The right to write a running job: once another attempt began or the job ended, no row matches it any more. */
export interface Claim {
  readonly jobId: string;
  readonly workerId: string;
  readonly attempt: number;
}

type Changes = Partial<Omit<Job, 'id' | 'updatedAt'>>;

const NOT_STARTED = {
  phase: null,
  progress: 0,
  epoch: null,
  epochs: null,
  etaSeconds: null,
  metrics: null,
  workerId: null,
  heartbeatAt: null,
} satisfies Changes;

/**
 * Begins an attempt by compare-and-set: of any number of workers with the same delivery one gets the job. Null when
 * there is nothing to do: it ended, or it runs already.
 */
export async function claimJob(manager: EntityManager, jobId: string, workerId: string): Promise<Job | null> {
  const job = await manager.findOneBy(Job, { id: jobId, status: In(WAITING_STATUSES) });
  if (job === null) return null;
  const now = new Date();
  const changes: Changes = {
    ...NOT_STARTED,
    status: 'running',
    attempts: job.attempts + 1,
    workerId,
    heartbeatAt: now,
    startedAt: job.startedAt ?? now,
  };
  return (await change(manager, asRead(job), changes)) ? manager.findOneByOrFail(Job, { id: jobId }) : null;
}

/**
 * What becomes of a running job whose trainer, or whose worker, is gone: it is tried again, or fails after its last
 * attempt. A cancelled one is cancelled. Returns the state that it has now; null when it was not the caller's to write.
 */
export async function releaseLost(manager: EntityManager, job: Job, detail: string): Promise<Job['status'] | null> {
  if (job.cancelRequested) return (await change(manager, asRead(job), ended('cancelled'))) ? 'cancelled' : null;
  if (job.attempts >= MAXIMUM_ATTEMPTS) {
    const error = { type: 'worker_lost', detail: `${detail} (${job.attempts} attempts)` };
    return (await change(manager, asRead(job), { ...ended('failed'), error })) ? 'failed' : null;
  }
  return (await change(manager, asRead(job), { ...NOT_STARTED, status: 'queued' })) ? 'queued' : null;
}

/**
 * Gives a job back that was interrupted for no fault of its own: the attempt doesn't count. One that was being
 * cancelled is cancelled. Returns the state that it has now; null when it was not the caller's to write.
 */
export async function returnJob(manager: EntityManager, claim: Claim): Promise<'queued' | 'cancelled' | null> {
  const toCancel = { ...held(claim), cancelRequested: true };
  if (await change(manager, toCancel, ended('cancelled'))) return 'cancelled';
  const changes: Changes = { ...NOT_STARTED, status: 'queued', attempts: claim.attempt - 1 };
  return (await change(manager, held(claim), changes)) ? 'queued' : null;
}

export function updateProgress(manager: EntityManager, claim: Claim, changes: Changes): Promise<boolean> {
  return change(manager, held(claim), { ...changes, heartbeatAt: new Date() });
}

export function completeJob(manager: EntityManager, claim: Claim): Promise<boolean> {
  return change(manager, held(claim), { ...ended('completed'), progress: 1 });
}

export function failJob(manager: EntityManager, claim: Claim, error: JobFailure): Promise<boolean> {
  return change(manager, held(claim), { ...ended('failed'), error });
}

export function cancelJob(manager: EntityManager, claim: Claim): Promise<boolean> {
  return change(manager, held(claim), ended('cancelled'));
}

/** Of a job that no worker has. */
export function cancelWaiting(manager: EntityManager, jobId: string): Promise<boolean> {
  const waiting = { id: jobId, status: In(WAITING_STATUSES) };
  return change(manager, waiting, { ...ended('cancelled'), cancelRequested: true });
}

export function requestCancel(manager: EntityManager, jobId: string): Promise<boolean> {
  return change(manager, { id: jobId, status: 'running' }, { cancelRequested: true });
}

function ended(status: 'completed' | 'failed' | 'cancelled'): Changes {
  return { status, completedAt: new Date(), etaSeconds: null };
}

function held({ jobId, workerId, attempt }: Claim): FindOptionsWhere<Job> {
  return { id: jobId, status: 'running', workerId, attempts: attempt };
}

function asRead(job: Job): FindOptionsWhere<Job> {
  const { id, status, attempts } = job;
  return { id, status, attempts, workerId: job.workerId ?? IsNull(), heartbeatAt: job.heartbeatAt ?? IsNull() };
}

async function change(manager: EntityManager, where: FindOptionsWhere<Job>, changes: Changes): Promise<boolean> {
  const { affected } = await manager.update(Job, where, { ...changes, updatedAt: new Date() } as object);
  return affected === 1;
}
