import {
  computeJobState,
  type JobParameters,
  type JobsOverview,
  type JobsQueryOptions,
  type JobsResult,
  type JobWithState,
} from 'agenda';
import { In, type DataSource, type FindOptionsWhere, Raw } from 'typeorm';
import { QueueEntry } from './queue-entry.entity.js';
import { toAgendaJob } from './queue-entry-mapping.js';

/** Agenda's lists: for dashboards, never on the way of a job. */
export async function listEntries(dataSource: DataSource, options: JobsQueryOptions): Promise<JobsResult> {
  const where: FindOptionsWhere<QueueEntry> = {};
  if (options.id !== undefined) where.id = options.id;
  else if (options.ids !== undefined && options.ids.length > 0) where.id = In(options.ids);
  if (options.name !== undefined) where.name = options.name;
  else if (options.names !== undefined && options.names.length > 0) where.name = In(options.names);
  else if (options.search !== undefined) {
    where.name = Raw((column) => `instr(lower(${column}), :text) > 0`, { text: options.search.toLowerCase() });
  }
  if (options.includeDisabled === false) where.disabled = false;
  const rows = await dataSource.getRepository(QueueEntry).findBy(where);
  const now = new Date();
  const jobs = rows
    .filter((row) => options.data === undefined || contains(row.data, options.data))
    .map(toAgendaJob)
    .map((job): JobWithState => ({ ...job, state: computeJobState(job, now) }))
    .filter((job) => hasState(job, options.state))
    .toSorted(comparator(options.sort ?? { nextRunAt: 'desc', lastRunAt: 'desc' }));
  const from = options.skip ?? 0;
  return { jobs: jobs.slice(from, options.limit ? from + options.limit : undefined), total: jobs.length };
}

export async function overview(dataSource: DataSource): Promise<JobsOverview[]> {
  const { jobs } = await listEntries(dataSource, {});
  return [...Map.groupBy(jobs, ({ name }) => name)].map(([name, group]) => {
    const counted = (state: JobWithState['state']) => group.filter((job) => hasState(job, state)).length;
    return {
      name,
      total: group.length,
      running: counted('running'),
      scheduled: counted('scheduled'),
      queued: counted('queued'),
      completed: counted('completed'),
      failed: counted('failed'),
      repeating: counted('repeating'),
      paused: counted('paused'),
    };
  });
}

/** Every key of `part` stands in `whole` with the same value, at any depth. */
export function contains(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(whole, part);
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(part).every(([key, value]) => contains((whole as Record<string, unknown>)[key], value));
}

function hasState(job: JobWithState, state: JobWithState['state'] | undefined): boolean {
  if (state === undefined) return true;
  return state === 'paused' ? job.disabled === true : job.state === state;
}

function comparator(sort: NonNullable<JobsQueryOptions['sort']>) {
  const keys = Object.entries(sort).filter(([key]) => key !== 'data') as [keyof JobParameters, string | number][];
  return (a: JobParameters, b: JobParameters): number => {
    for (const [key, direction] of keys) {
      const order = compare(a[key], b[key], direction === 'asc' || direction === 1 ? 1 : -1);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** Absent values come last, whatever the direction. */
function compare(a: unknown, b: unknown, sign: 1 | -1): number {
  if (a == null || b == null) return Number(a == null) - Number(b == null);
  const [left, right] = [a, b].map((value) => (value instanceof Date ? value.getTime() : value)) as [string, string];
  return left === right ? 0 : left < right ? -sign : sign;
}
