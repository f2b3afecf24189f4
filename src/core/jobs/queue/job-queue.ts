import { Agenda, toJobId } from 'agenda';
import type { Logger } from 'pino';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import { newId } from '../../app/ids.js';
import { DATA_SOURCE, LOGGER } from '../../app/tokens.js';
import { afterCommit } from '../../persistence/after-commit.js';
import { QueueBackend } from './queue-backend.js';
import { QueueEntry } from './queue-entry.entity.js';

/** Name under which the queue delivers jobs. */
const RUN_JOB = 'run-job';
/** How often the queue is looked at when nothing woke it: for entries that another process wrote. */
const POLL_INTERVAL = 1000;
/** Milliseconds after which a lock that nobody touched is void, and its entry delivered again. */
export const LOCK_LIFETIME = 60_000;
/** Agenda counts an entry as held for some milliseconds after its handler returned; the next one is taken after that. */
const SETTLING_TIME = 25;

export interface Delivery {
  readonly jobId: string;
  /** Keeps the entry from being delivered again; to be called at least each third of {@link LOCK_LIFETIME}. */
  touch(): Promise<void>;
}

/** Called for each delivery, at least once for each job; the entry is gone when it returns. */
export type DeliveryHandler = (delivery: Delivery) => Promise<void>;

/** The queue of jobs: agenda over the studio's own database, where an entry carries a job's id and nothing else. */
@scoped(Lifecycle.ContainerScoped)
export class JobQueue {
  readonly #backend: QueueBackend;
  #agenda: Agenda | undefined;

  constructor(
    @inject(DATA_SOURCE) dataSource: DataSource,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#backend = new QueueBackend(dataSource);
  }

  /** Adds a delivery in the transaction of `manager`; a worker of this process is woken when it was committed. */
  async add(manager: EntityManager, jobId: string): Promise<void> {
    const entry: QueueEntry = {
      id: newId(),
      name: RUN_JOB,
      type: 'normal',
      priority: 0,
      disabled: false,
      data: { jobId },
      schedule: null,
      uniqueKey: null,
      progress: null,
      failCount: null,
      failReason: null,
      lastModifiedBy: null,
      nextRunAt: new Date(),
      lockedAt: null,
      lastRunAt: null,
      lastFinishedAt: null,
      failedAt: null,
    };
    await manager.insert(QueueEntry, entry as object);
    afterCommit(manager, () => this.wake());
  }

  async clear(manager: EntityManager): Promise<void> {
    await manager.delete(QueueEntry, { name: RUN_JOB });
  }

  /** Starts to deliver, `concurrency` at a time. */
  async start(concurrency: number, handler: DeliveryHandler): Promise<void> {
    const agenda = new Agenda({
      backend: this.#backend,
      processEvery: POLL_INTERVAL,
      maxConcurrency: concurrency,
      defaultConcurrency: concurrency,
    });
    agenda.on('error', (error: Error) => {
      if (this.#agenda !== undefined) this.logger.error({ err: error }, 'The job queue failed');
    });
    agenda.define<{ jobId: string }>(
      RUN_JOB,
      async (entry) => {
        const { jobId } = entry.attrs.data;
        try {
          await handler({ jobId, touch: () => entry.touch() });
        } finally {
          // Here rather than by agenda, which would do so after everyone thinks that all work has ended.
          await this.#backend.repository.removeJobs({ id: String(entry.attrs._id) });
          setTimeout(() => this.wake(), SETTLING_TIME).unref();
        }
      },
      // Entries that wait in this process would hold a lock that nobody touches.
      { concurrency, lockLimit: concurrency, lockLifetime: LOCK_LIFETIME, removeOnComplete: false },
    );
    this.#agenda = agenda;
    this.#backend.repository.lastLook = performance.now();
    await agenda.start();
  }

  /** Delivers no more; deliveries under way go on. */
  async stop(): Promise<void> {
    const agenda = this.#agenda;
    this.#agenda = undefined;
    await agenda?.stop();
  }

  /** Milliseconds since a worker of this process last looked for deliveries; null where none does. */
  silence(): number | null {
    return this.#agenda === undefined ? null : performance.now() - this.#backend.repository.lastLook;
  }

  /** Looks for deliveries now rather than at the next interval. */
  wake(): void {
    const { notificationChannel } = this.#backend;
    if (notificationChannel.state !== 'connected') return;
    const anyEntry = { jobId: toJobId(RUN_JOB), jobName: RUN_JOB, nextRunAt: null, priority: 0, timestamp: new Date() };
    notificationChannel
      .publish(anyEntry)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'The job queue could not be woken'));
  }
}
