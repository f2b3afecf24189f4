import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type DataSource, type EntityManager } from 'typeorm';
import type { EventBus } from '../events/index.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { announce } from './job-announcements.js';
import type { JobHandler } from './job-handler.js';
import { Job, TERMINAL_STATUSES } from './job.entity.js';

/** Milliseconds before a write that failed (a full disk, a database held by another) is tried again. */
const RETRY_DELAYS = [200, 1000, 5000] as const;

/** Writes how an attempt ended, and does what belongs to that: the handler's part, the files, the news. */
export class JobEndings {
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
    private readonly events: EventBus,
    private readonly outbox: WebhookOutbox,
    private readonly logger: Logger,
  ) {}

  /** `change` says whether the row was the caller's to write; if not, nothing happens. */
  async write(
    job: Job,
    handler: JobHandler | undefined,
    change: (manager: EntityManager) => Promise<boolean>,
  ): Promise<void> {
    const written = await this.#persistently(job, async () => {
      try {
        return await this.#transaction(job, change, handler);
      } catch (error) {
        // What the handler would have kept must not hold up the end of the job.
        this.logger.error({ err: error, jobId: job.id }, 'The end of a job could not be recorded in full');
        return this.#transaction(job, change, undefined);
      }
    });
    if (written !== null) await this.tell(written);
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

  #transaction(
    { id }: Job,
    change: (manager: EntityManager) => Promise<boolean>,
    handler: JobHandler | undefined,
  ): Promise<Job | null> {
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
