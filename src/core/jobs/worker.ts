import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { inject, injectAll, Lifecycle, scoped } from 'tsyringe';
import { DataSource, In } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { CONFIG, DATA_SOURCE, JOB_HANDLER, LOGGER, TRAINER_ENTRY } from '../app/tokens.js';
import { EventBus } from '../events/index.js';
import { ObjectStore } from '../storage/object-store.js';
import { JobEndings } from './job-endings.js';
import type { JobHandler } from './job-handler.js';
import { JobObserver } from './job-observer.js';
import { JobRun, type JobRunParts } from './job-run.js';
import { claimJob, releaseLost } from './job-transitions.js';
import { Job, WAITING_STATUSES } from './job.entity.js';
import { type Delivery, JobQueue } from './queue/job-queue.js';

/**
 * Takes jobs from the queue and has each done by a trainer process of its own; computes nothing itself.
 * One worker at a time serves a DATA_DIR: whoever starts it holds the lock for that.
 */
@scoped(Lifecycle.ContainerScoped)
export class Worker {
  readonly id = `${hostname()}:${process.pid}:${newId()}`;
  readonly #parts: JobRunParts;
  readonly #handlers: ReadonlyMap<Job['kind'], JobHandler>;
  readonly #runs = new Map<string, JobRun>();
  readonly #underWay = new Set<Promise<void>>();
  #stopListening: () => void = () => {};
  #stopping = false;

  constructor(
    @inject(CONFIG) private readonly config: StudioConfig,
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(LOGGER) private readonly logger: Logger,
    @inject(TRAINER_ENTRY) trainerEntry: string,
    @injectAll(JOB_HANDLER) handlers: readonly JobHandler[],
    private readonly queue: JobQueue,
    private readonly events: EventBus,
    store: ObjectStore,
    endings: JobEndings,
    observer: JobObserver,
  ) {
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
    this.#parts = { dataSource, store, events, queue, endings, observer, trainerEntry };
  }

  /** Takes up what an earlier worker left, then new jobs as they come. */
  async start(): Promise<void> {
    this.#stopListening = this.events.on({ types: ['job.cancel-requested'] }, ({ jobId }) => {
      if (jobId !== undefined) this.#runs.get(jobId)?.stop('cancel');
    });
    await this.#recover();
    await this.queue.start(this.config.workerConcurrency, (delivery) => this.#deliver(delivery));
  }

  /** Within some 3 s: trainers are stopped, and their jobs go on when a worker starts again; no attempt is lost. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopListening();
    await this.queue.stop();
    for (const run of this.#runs.values()) run.stop('shutdown');
    await Promise.allSettled(this.#underWay);
  }

  #deliver(delivery: Delivery): Promise<void> {
    const done = this.#take(delivery)
      .catch((error: unknown) => this.logger.error({ err: error, jobId: delivery.jobId }, 'A job could not be run'))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
    return done;
  }

  async #take(delivery: Delivery): Promise<void> {
    const { jobId } = delivery;
    const { manager } = this.dataSource;
    if (this.#runs.has(jobId)) return;
    if (this.#stopping) return this.queue.add(manager, jobId);
    const job = await claimJob(manager, jobId, this.id);
    if (job === null) return;
    const run = new JobRun(this.#parts, job, this.#handlers.get(job.kind), delivery);
    this.#runs.set(jobId, run);
    if (this.#stopping) run.stop('shutdown');
    try {
      await run.execute();
    } finally {
      this.#runs.delete(jobId);
    }
  }

  /** Whatever is `running` now lost its worker. The queue is made anew from the jobs, which are the truth. */
  async #recover(): Promise<void> {
    const lost = await this.dataSource.manager.findBy(Job, { status: 'running' });
    for (const job of lost) {
      this.logger.warn({ jobId: job.id, attempt: job.attempts }, 'Taking up a job that lost its worker');
      await this.#parts.endings.write(job, async (manager) => {
        return (await releaseLost(manager, job, 'The studio ended while the job ran')) !== null;
      });
    }
    await this.dataSource.transaction(async (manager) => {
      const waiting = await manager.find(Job, { where: { status: In(WAITING_STATUSES) }, order: { id: 'ASC' } });
      await this.queue.clear(manager);
      for (const { id } of waiting) await this.queue.add(manager, id);
    });
  }
}
