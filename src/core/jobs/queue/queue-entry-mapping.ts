import { type JobParameters, toJobId } from 'agenda';
import type { QueueEntry } from './queue-entry.entity.js';

const SCHEDULE_KEYS = ['repeatInterval', 'repeatTimezone', 'repeatAt', 'fork', 'skipDays'] as const;
const SCHEDULE_DATES = ['startDate', 'endDate', 'debounceStartedAt'] as const;

/** A row as agenda knows it: absent instead of null. */
export function toAgendaJob(entry: QueueEntry): JobParameters & { _id: NonNullable<JobParameters['_id']> } {
  const { id, name, type, priority, disabled, data, nextRunAt, schedule, uniqueKey: _, ...nullable } = entry;
  const present = Object.fromEntries(Object.entries(nullable).filter(([, value]) => value !== null));
  const dates = SCHEDULE_DATES.filter((key) => schedule?.[key] !== undefined);
  return {
    _id: toJobId(id),
    name,
    type,
    priority,
    disabled: Boolean(disabled),
    data,
    nextRunAt,
    ...present,
    ...schedule,
    ...Object.fromEntries(dates.map((key) => [key, new Date(schedule![key] as string)])),
  };
}

/** What a caller of agenda may set; the rest belongs to agenda's processor. */
export function toEditable(job: JobParameters<unknown>) {
  const keys = [...SCHEDULE_KEYS, ...SCHEDULE_DATES].filter((key) => job[key] !== undefined);
  return {
    name: job.name,
    type: job.type,
    priority: job.priority,
    disabled: job.disabled ?? false,
    data: job.data ?? null,
    nextRunAt: job.nextRunAt ?? null,
    schedule: keys.length === 0 ? null : Object.fromEntries(keys.map((key) => [key, job[key]])),
  };
}

/** What agenda's processor writes while an entry runs. */
export function toState(job: JobParameters<unknown>) {
  return {
    nextRunAt: job.nextRunAt ?? null,
    lockedAt: job.lockedAt ?? null,
    lastRunAt: job.lastRunAt ?? null,
    lastFinishedAt: job.lastFinishedAt ?? null,
    failedAt: job.failedAt ?? null,
    failCount: job.failCount ?? null,
    failReason: job.failReason ?? null,
    progress: job.progress ?? null,
  };
}
