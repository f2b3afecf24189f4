import { newId } from '../app/ids.js';
import { currentOrigin } from '../telemetry/origin.js';
import type { Job } from './job.entity.js';
import type { NewJob } from './job.service.js';

/** A job for something that came finished: it never waits in the queue and nobody is told of its end. */
export function finishedJob({ kind, ownerId, subjectId }: NewJob): Job {
  const now = new Date();
  return {
    id: newId(),
    ownerId,
    kind,
    subjectId,
    status: 'completed',
    attempts: 0,
    phase: null,
    progress: 1,
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
    startedAt: now,
    completedAt: now,
    updatedAt: now,
  };
}
