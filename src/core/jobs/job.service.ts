import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { conflict, notFound } from '../errors/index.js';
import { EventBus } from '../events/index.js';
import { checkGenerationQuota } from '../limits/generation-quota.js';
import { afterCommit } from '../persistence/after-commit.js';
import { announce } from './job-announcements.js';
import { JobEndings } from './job-endings.js';
import { JobFeed } from './job-feed.js';
import { cancelWaiting, requestCancel } from './job-transitions.js';
import { Job, TERMINAL_STATUSES } from './job.entity.js';
import { type NewJob, pendingJob } from './new-job.js';
import { JobQueue } from './queue/job-queue.js';

/** Long work as the rest of the studio sees it: accepted, watched, cancelled. Who may do so is the caller's question. */
@scoped(Lifecycle.ContainerScoped)
export class JobService {
  readonly #feed: JobFeed;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly queue: JobQueue,
    private readonly events: EventBus,
    private readonly endings: JobEndings,
    @inject(CONFIG) private readonly config: StudioConfig,
  ) {
    this.#feed = new JobFeed(events, (id) => this.get(id));
  }

  /**
   * Accepts a job in the caller's transaction, with its place in the queue; it starts once that is committed.
   * Throws `concurrency_limit_exceeded` for one generation job too many.
   */
  async create(manager: EntityManager, { kind, ownerId, subjectId }: NewJob): Promise<Job> {
    if (kind !== 'evaluate') await checkGenerationQuota(manager, ownerId, this.config.limits.concurrentGenerations);
    const job = pendingJob({ kind, ownerId, subjectId });
    await manager.insert(Job, job);
    await this.queue.add(manager, job.id);
    afterCommit(manager, () => announce(this.events, job));
    return job;
  }

  /** Throws `resource_not_found` for an unknown id. */
  async get(id: string): Promise<Job> {
    const job = await this.dataSource.manager.findOneBy(Job, { id });
    if (job === null) throw notFound('Job');
    return job;
  }

  /**
   * A waiting job is cancelled at once, and what an earlier attempt finished is kept. A running one is asked to stop, and killed if it has not stopped within 5 s;
   * the row returned still says `running` then. Throws `conflict` for one that has ended.
   */
  async cancel(id: string): Promise<Job> {
    const { manager } = this.dataSource;
    // It may begin or end meanwhile: each step is a compare-and-set, and one of them meets the state it is in.
    for (;;) {
      const job = await this.get(id);
      if (TERMINAL_STATUSES.has(job.status)) throw conflict(`Job is ${job.status} already`);
      if (await this.endings.tryWrite(job, (transaction) => cancelWaiting(transaction, id))) return this.get(id);
      if (await requestCancel(manager, id)) return this.#cancelRequested(id);
    }
  }

  /**
   * The job as it is now, then each time it changes, and its terminal state last. A slow reader gets the newest state
   * alone, ten a second at most. Ends with the signal or the iterator's `return()`; an unknown id throws at `next()`.
   */
  watch(id: string, signal?: AbortSignal): AsyncIterableIterator<Job> {
    return this.#feed.watch(id, signal);
  }

  async #cancelRequested(id: string): Promise<Job> {
    const job = await this.get(id);
    announce(this.events, job);
    const { ownerId, subjectId } = job;
    this.events.publish({ type: 'job.cancel-requested', ownerId, subjectId, jobId: id });
    return job;
  }
}
