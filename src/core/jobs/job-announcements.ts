import type { EventBus, EventType } from '../events/index.js';
import { type Job, TERMINAL_STATUSES } from './job.entity.js';

/** Tells the rest of the process that a job's row changed and, once it ended, how. Call it after the commit. */
export function announce(events: EventBus, job: Pick<Job, 'id' | 'ownerId' | 'subjectId' | 'kind' | 'status'>): void {
  const about = { ownerId: job.ownerId, subjectId: job.subjectId, jobId: job.id };
  events.publish({ type: 'job', ...about });
  if (!TERMINAL_STATUSES.has(job.status)) return;
  events.publish({ type: `${domainOf(job)}.${job.status}` as EventType, ...about });
}

/** Under which name the end of a job is told of. */
export function domainOf({ kind }: Pick<Job, 'kind'>): 'evaluation' | 'generation' {
  return kind === 'evaluate' ? 'evaluation' : 'generation';
}
