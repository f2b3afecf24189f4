import type {
  JobParameters,
  JobRepository,
  JobRepositoryOptions,
  JobsOverview,
  JobsQueryOptions,
  JobsResult,
  RemoveJobsOptions,
} from 'agenda';
import {
  type DataSource,
  type FindOptionsWhere,
  In,
  IsNull,
  LessThan,
  LessThanOrEqual,
  Not,
  type Repository,
} from 'typeorm';
import { newId } from '../../app/ids.js';
import { isUniqueViolation } from '../../persistence/database-errors.js';
import { QueueEntry } from './queue-entry.entity.js';
import { toAgendaJob, toEditable, toState } from './queue-entry-mapping.js';
import { contains, listEntries, overview } from './queue-listing.js';

/** Other workers that may take an entry between its being read and being locked, before this one gives up for now. */
const LOCK_ATTEMPTS = 5;

/**
 * Agenda's storage on the studio's own database, so that an entry can be written in the transaction that it belongs
 * to. A lock is a compare-and-set on what was read: among any number of workers one alone sees a row changed.
 */
export class QueueRepository implements JobRepository {
  /** When a worker last asked for an entry, on the clock of `performance.now()`. */
  lastLook = 0;
  readonly #entries: Repository<QueueEntry>;

  constructor(private readonly dataSource: DataSource) {
    this.#entries = dataSource.getRepository(QueueEntry);
  }

  async connect(): Promise<void> {}

  async getNextJobToRun(
    name: string,
    nextScanAt: Date,
    lockDeadline: Date,
    now: Date | undefined,
    options: JobRepositoryOptions | undefined,
  ): Promise<JobParameters | undefined> {
    this.lastLook = performance.now();
    for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
      const entry = await this.#entries.findOne({
        where: [
          { name, disabled: false, lockedAt: IsNull(), nextRunAt: LessThanOrEqual(nextScanAt) },
          { name, disabled: false, lockedAt: LessThanOrEqual(lockDeadline) },
        ],
        order: { priority: 'DESC', nextRunAt: 'ASC', id: 'ASC' },
      });
      if (entry === null) return undefined;
      const locked = await this.#lock(entry, now ?? new Date(), options);
      if (locked !== undefined) return locked;
    }
    return undefined;
  }

  async lockJob(job: JobParameters, options: JobRepositoryOptions | undefined): Promise<JobParameters | undefined> {
    const entry = await this.#entries.findOneBy({ id: String(job._id), disabled: false, lockedAt: IsNull() });
    if (entry === null || entry.nextRunAt?.getTime() !== job.nextRunAt?.getTime()) return undefined;
    return this.#lock(entry, new Date(), options);
  }

  async unlockJob(job: JobParameters): Promise<void> {
    // One that has started has no next run: it keeps its lock.
    await this.#entries.update({ id: String(job._id), nextRunAt: Not(IsNull()) }, { lockedAt: null });
  }

  async unlockJobs(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#entries.update({ id: In(ids.map(String)) }, { lockedAt: null });
  }

  async saveJobState(job: JobParameters, options: JobRepositoryOptions | undefined): Promise<void> {
    const { affected } = await this.#entries.update(
      { id: String(job._id), name: job.name },
      { ...toState(job), ...editor(options) },
    );
    if (affected !== 1) throw new Error(`Queue entry ${job._id} (${job.name}) is gone`);
  }

  async saveJob<D>(job: JobParameters<D>, options: JobRepositoryOptions | undefined): Promise<JobParameters<D>> {
    const saved = await (job._id === undefined ? this.#add(job, options) : this.#edit(job, options));
    return saved as JobParameters<D>;
  }

  async getJobById(id: string): Promise<JobParameters | null> {
    const entry = await this.#entries.findOneBy({ id });
    return entry === null ? null : toAgendaJob(entry);
  }

  queryJobs(options: JobsQueryOptions = {}): Promise<JobsResult> {
    return listEntries(this.dataSource, options);
  }

  getJobsOverview(): Promise<JobsOverview[]> {
    return overview(this.dataSource);
  }

  async getDistinctJobNames(): Promise<string[]> {
    const rows = await this.#entries
      .createQueryBuilder('e')
      .select('DISTINCT e.name', 'name')
      .orderBy('e.name')
      .getRawMany();
    return rows.map(({ name }: { name: string }) => name);
  }

  getQueueSize(): Promise<number> {
    return this.#entries.countBy({ nextRunAt: LessThan(new Date()) });
  }

  async removeJobs(options: RemoveJobsOptions): Promise<number> {
    const ids = await this.#matching(options);
    return ids.length === 0 ? 0 : ((await this.#entries.delete({ id: In(ids) })).affected ?? 0);
  }

  disableJobs(options: RemoveJobsOptions): Promise<number> {
    return this.#setDisabled(options, true);
  }

  enableJobs(options: RemoveJobsOptions): Promise<number> {
    return this.#setDisabled(options, false);
  }

  async purgeAllJobs(): Promise<number> {
    return (await this.#entries.delete({ id: Not(IsNull()) })).affected ?? 0;
  }

  async #lock(
    entry: QueueEntry,
    lockedAt: Date,
    options: JobRepositoryOptions | undefined,
  ): Promise<JobParameters | undefined> {
    const asRead: FindOptionsWhere<QueueEntry> = {
      id: entry.id,
      disabled: false,
      lockedAt: entry.lockedAt ?? IsNull(),
      nextRunAt: entry.nextRunAt ?? IsNull(),
    };
    const { affected } = await this.#entries.update(asRead, { lockedAt, ...editor(options) });
    return affected === 1 ? toAgendaJob({ ...entry, lockedAt, ...editor(options) }) : undefined;
  }

  async #add(job: JobParameters<unknown>, options: JobRepositoryOptions | undefined): Promise<JobParameters> {
    const uniqueKey = uniqueKeyOf(job);
    const debounce = job.uniqueOpts?.debounce;
    const opening =
      debounce === undefined || debounce.strategy === 'leading'
        ? job
        : { ...job, nextRunAt: new Date(Date.now() + debounce.delay), debounceStartedAt: new Date() };
    const row = { ...EMPTY, id: newId(), ...toEditable(opening), uniqueKey, ...editor(options) };
    try {
      await this.#entries.insert(row as object);
      return toAgendaJob(row);
    } catch (error) {
      if (uniqueKey === null || !isUniqueViolation(error)) throw error;
      return this.#merge(await this.#entries.findOneByOrFail({ uniqueKey }), job, options);
    }
  }

  async #edit(job: JobParameters<unknown>, options: JobRepositoryOptions | undefined): Promise<JobParameters> {
    const id = String(job._id);
    await this.#entries.update({ id, name: job.name }, { ...toEditable(job), ...editor(options) } as object);
    return toAgendaJob(await this.#entries.findOneByOrFail({ id }));
  }

  /** An entry with the same unique key is there already: it takes the new one's values, and keeps its own time. */
  async #merge(
    present: QueueEntry,
    job: JobParameters<unknown>,
    options: JobRepositoryOptions | undefined,
  ): Promise<JobParameters> {
    if (job.uniqueOpts?.insertOnly === true && job.uniqueOpts.debounce === undefined) return toAgendaJob(present);
    const edited = debounced(present, job) ?? keepTime(present, job);
    await this.#entries.update({ id: present.id }, { ...edited, ...editor(options) } as object);
    return toAgendaJob(await this.#entries.findOneByOrFail({ id: present.id }));
  }

  async #setDisabled(options: RemoveJobsOptions, disabled: boolean): Promise<number> {
    const ids = await this.#matching(options);
    return ids.length === 0 ? 0 : ((await this.#entries.update({ id: In(ids) }, { disabled })).affected ?? 0);
  }

  /** Nothing asked for matches nothing. */
  async #matching(options: RemoveJobsOptions): Promise<string[]> {
    const where: FindOptionsWhere<QueueEntry> = {};
    if (options.id !== undefined) where.id = String(options.id);
    else if (options.ids !== undefined && options.ids.length > 0) where.id = In(options.ids.map(String));
    if (options.name !== undefined) where.name = options.name;
    else if (options.names !== undefined && options.names.length > 0) where.name = In(options.names);
    else if (options.notNames !== undefined && options.notNames.length > 0) where.name = Not(In(options.notNames));
    if (Object.keys(where).length === 0 && options.data === undefined) return [];
    const entries = await this.#entries.findBy(where);
    return entries.filter(({ data }) => options.data === undefined || contains(data, options.data)).map(({ id }) => id);
  }
}

const EMPTY = {
  progress: null,
  failCount: null,
  failReason: null,
  lockedAt: null,
  lastRunAt: null,
  lastFinishedAt: null,
  failedAt: null,
} as const;

function editor(options: JobRepositoryOptions | undefined): Pick<QueueEntry, 'lastModifiedBy'> {
  return { lastModifiedBy: options?.lastModifiedBy ?? null };
}

function uniqueKeyOf(job: JobParameters<unknown>): string | null {
  if (job.type === 'single') return `single:${job.name}`;
  return job.unique === undefined ? null : `unique:${job.name}:${JSON.stringify(job.unique)}`;
}

function debounced(present: QueueEntry, job: JobParameters<unknown>) {
  const debounce = job.uniqueOpts?.debounce;
  if (debounce === undefined) return undefined;
  const edited = toEditable(job);
  const started = new Date((present.schedule?.['debounceStartedAt'] as string | undefined) ?? Date.now());
  const late = debounce.maxWait !== undefined && Date.now() - started.getTime() >= debounce.maxWait;
  const next = late ? new Date() : new Date(Date.now() + debounce.delay);
  return {
    ...edited,
    nextRunAt: debounce.strategy === 'leading' ? present.nextRunAt : next,
    schedule: { ...edited.schedule, debounceStartedAt: started },
  };
}

/** A schedule defined again at each start must not run at each start. */
function keepTime(present: QueueEntry, job: JobParameters<unknown>) {
  const edited = toEditable(job);
  const due = edited.nextRunAt !== null && edited.nextRunAt <= new Date();
  return job.type === 'single' && due && present.nextRunAt !== null
    ? { ...edited, nextRunAt: present.nextRunAt }
    : edited;
}
