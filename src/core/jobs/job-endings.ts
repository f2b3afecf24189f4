import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { inject, injectAll, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import { DATA_SOURCE, JOB_HANDLER, LOGGER } from '../app/tokens.js';
import { EventBus } from '../events/index.js';
import { ObjectStore } from '../storage/object-store.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { announce } from './job-announcements.js';
import type { JobHandler } from './job-handler.js';
import { Job, TERMINAL_STATUSES } from './job.entity.js';

/** Milliseconds before a write that failed (a full disk, a database held by another) is tried again. */
const RETRY_DELAYS = [200, 1000, 5000] as const;

/** Writes the row; false where it was not the caller's to write. */
type Change = (manager: EntityManager) => Promise<boolean>;

/** Writes how an attempt or a job ended, and does what belongs to that: the handler's part, the files, the news. */
@scoped(Lifecycle.ContainerScoped)
export class JobEndings {
  readonly #handlers: ReadonlyMap<Job['kind'], JobHandler>;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(LOGGER) private readonly logger: Logger,
    @injectAll(JOB_HANDLER) handlers: readonly JobHandler[],
    private readonly store: ObjectStore,
    private readonly events: EventBus,
    private readonly outbox: WebhookOutbox,
  ) {
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
  }

  /** Nothing happens where `change` says that the row was not the caller's to write. Tries for seconds before it throws. */
  async write(job: Job, change: Change): Promise<void> {
    const written = await this.#persistently(job, () => this.#inFull(job, change));
    if (written !== null) await this.tell(written);
  }

  /** As {@link write}, but tries once, for someone who waits for the answer: whether the row was the caller's to write. */
  async tryWrite(job: Job, change: Change): Promise<boolean> {
    const written = await this.#inFull(job, change);
    if (written !== null) await this.tell(written);
    return written !== null;
  }

  /** In the transaction that ended the job: what its owner's webhooks are to be told. */
  record(manager: EntityManager, job: Job): Promise<void> {
    return this.outbox.jobEnded(manager, job);
  }

  /** After the commit: the news, and the end of what is kept between attempts. */
  async tell(job: Job): Promise<void> {
    announce(this.events, job);
    if (TERMINAL_STATUSES.has(job.status)) await this.store.discard(await this.store.jobFolder(job.id));
  }

  async #inFull(job: Job, change: Change): Promise<Job | null> {
    try {
      return await this.#transaction(job, change, this.#handlers.get(job.kind));
    } catch (error) {
      // What the handler would have kept must not hold up the end of the job.
      this.logger.error({ err: error, jobId: job.id }, 'The end of a job could not be recorded in full');
      return this.#transaction(job, change, undefined);
    }
  }

  #transaction({ id }: Job, change: Change, handler: JobHandler | undefined): Promise<Job | null> {
    return this.dataSource.transaction(async (manager) => {
      if (!(await change(manager))) return null;
      const job = await manager.findOneByOrFail(Job, { id });
      if (!TERMINAL_STATUSES.has(job.status)) return job;
      await handler?.settle?.(job, manager);
      await this.record(manager, job);
      return job;
    });
  }

  async #persistently<T>(job: Job, write: () => Promise<T>): Promise<T> {
    for (const wait of RETRY_DELAYS) {
      try {
        return await write();
      } catch (error) {
        this.logger.error({ err: error, jobId: job.id }, 'The end of a job could not be written: trying again');
        await delay(wait);
      }
    }
    return write();
  }
}
