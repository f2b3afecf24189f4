import { newId } from '../app/ids.js';
import { currentOrigin } from '../telemetry/origin.js';
import type { Job, JobKind } from './job.entity.js';

export interface NewJob {
  readonly kind: JobKind;
  readonly ownerId: string;
  /** The generator or evaluation that the job works for. */
  readonly subjectId: string;
}

/** The row of a job that waits to be begun. */
export function pendingJob({ kind, ownerId, subjectId }: NewJob): Job {
  const now = new Date();
  return {
    id: newId(),
    ownerId,
    kind,
    subjectId,
    status: 'pending',
    attempts: 0,
    phase: null,
    progress: 0,
    epoch: null,
    epochs: null,
    etaSeconds: null,
    metrics: null,
    error: null,
    workerId: null,
    cancelRequested: false,
    origin: currentOrigin() ?? null,
    heartbeatAt: null,
    createdAt: now,
    startedAt: null,
    completedAt: null,
    updatedAt: now,
  };
}

/** A job for something that came finished: it never waits in the queue and nobody is told of its end. */
export function finishedJob(given: NewJob): Job {
  const job = pendingJob(given);
  return { ...job, status: 'completed', progress: 1, startedAt: job.createdAt, completedAt: job.createdAt };
}
