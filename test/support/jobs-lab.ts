import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import { container as root, type DependencyContainer } from 'tsyringe';
import type { DataSource, EntityManager } from 'typeorm';
import { type StudioConfig, readConfig } from '../../src/core/app/config.js';
import { newId } from '../../src/core/app/ids.js';
import { CONFIG, DATA_SOURCE, JOB_HANDLER, LOGGER, TRACER, TRAINER_ENTRY } from '../../src/core/app/tokens.js';
import { EventBus } from '../../src/core/events/index.js';
import { JobEndings } from '../../src/core/jobs/job-endings.js';
import type { JobHandler, TrainerResult, TrainerTask } from '../../src/core/jobs/job-handler.js';
import type { Job } from '../../src/core/jobs/job.entity.js';
import { JobObserver } from '../../src/core/jobs/job-observer.js';
import { JobService } from '../../src/core/jobs/job.service.js';
import { JobQueue } from '../../src/core/jobs/queue/job-queue.js';
import { Worker } from '../../src/core/jobs/worker.js';
import { createDataSource } from '../../src/core/persistence/data-source.js';
import { Metrics } from '../../src/core/telemetry/metrics.js';
import { NO_TRACES, type Tracer } from '../../src/core/telemetry/tracer.js';
import { ObjectStore } from '../../src/core/storage/object-store.js';
import { WebhookOutbox } from '../../src/core/webhooks/webhook-outbox.js';

const ENTRY = fileURLToPath(new URL('./trainer-entry.mjs', import.meta.url));

/** A handler whose trainer does what the test says. */
export class TestHandler implements JobHandler {
  readonly kind = 'generate';
  readonly published: { readonly job: Job; readonly result: Record<string, unknown>; readonly scratch: string }[] = [];
  readonly recorded: string[] = [];
  readonly settled: Job[] = [];
  readonly behaviours = new Map<string, string>();
  onPrepare: (job: Job) => Promise<void> = async () => {};
  onPublish: (job: Job, scratch: string) => Promise<void> = async () => {};
  onRecord: (job: Job, manager: EntityManager) => Promise<void> = async () => {};
  onSettle: (job: Job) => Promise<void> = async () => {};

  async prepare(job: Job): Promise<TrainerTask> {
    await this.onPrepare(job);
    return { kind: 'generate', behaviour: this.behaviours.get(job.subjectId) ?? 'finish' } as TrainerTask;
  }

  async publish(job: Job, result: TrainerResult, scratch: string): Promise<void> {
    this.published.push({ job, result: { ...result }, scratch });
    await this.onPublish(job, scratch);
  }

  async record(job: Job, _result: TrainerResult, manager: EntityManager): Promise<void> {
    await this.onRecord(job, manager);
    this.recorded.push(job.id);
  }

  async settle(job: Job): Promise<void> {
    await this.onSettle(job);
    this.settled.push(job);
  }
}

/** Everything that jobs need, in a folder of its own, with real trainer processes. */
export class JobsLab implements AsyncDisposable {
  readonly events = new EventBus();
  readonly handler = new TestHandler();
  readonly queue: JobQueue;
  readonly jobs: JobService;
  readonly tracer: Tracer = NO_TRACES;
  readonly store: ObjectStore;
  readonly #endings: JobEndings;
  #worker: Worker | undefined;

  private constructor(
    readonly config: StudioConfig,
    readonly dataSource: DataSource,
    readonly logger: Logger,
    /** What was logged, line by line. */
    readonly logged: readonly Record<string, unknown>[],
  ) {
    this.queue = new JobQueue(dataSource, logger);
    this.store = new ObjectStore(config);
    const outbox = new WebhookOutbox(config);
    this.#endings = new JobEndings(dataSource, logger, [this.handler], this.store, this.events, outbox);
    this.jobs = new JobService(dataSource, this.queue, this.events, this.#endings, config);
  }

  static async open(env: Record<string, string> = {}): Promise<JobsLab> {
    const dataDir = await mkdtemp(join(tmpdir(), 'jobs-'));
    const config = readConfig({ DATA_DIR: dataDir, CONCURRENT_GENERATIONS: '0', ...env });
    const logged: Record<string, unknown>[] = [];
    const logger = pino(
      { level: 'debug', base: null },
      { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
    );
    const lab = new JobsLab(config, await createDataSource(config, logger), logger, logged);
    await lab.store.open();
    return lab;
  }

  async startWorker(): Promise<Worker> {
    const { config, dataSource, logger, handler, queue, events, store } = this;
    const observer = new JobObserver(logger, this.tracer, new Metrics(dataSource));
    this.#worker = new Worker(
      config,
      dataSource,
      logger,
      ENTRY,
      [handler],
      queue,
      events,
      store,
      this.#endings,
      observer,
    );
    await this.#worker.start();
    return this.#worker;
  }

  async stopWorker(): Promise<void> {
    await this.#worker?.stop();
    this.#worker = undefined;
  }

  /** What an app would resolve its services from. */
  container(): DependencyContainer {
    const container = root.createChildContainer();
    container.register(CONFIG, { useValue: this.config });
    container.register(LOGGER, { useValue: this.logger });
    container.register(DATA_SOURCE, { useValue: this.dataSource });
    container.register(TRACER, { useValue: this.tracer });
    container.register(TRAINER_ENTRY, { useValue: ENTRY });
    container.register(JOB_HANDLER, { useValue: this.handler });
    return container;
  }

  submit(behaviour: string): Promise<Job> {
    const subjectId = newId();
    this.handler.behaviours.set(subjectId, behaviour);
    return this.dataSource.transaction((manager) =>
      this.jobs.create(manager, { kind: 'generate', ownerId: newId(), subjectId }),
    );
  }

  /** Every state seen, to the terminal one. */
  async follow(id: string): Promise<Job[]> {
    const states: Job[] = [];
    for await (const job of this.jobs.watch(id)) states.push(job);
    return states;
  }

  async ended(id: string): Promise<Job> {
    return (await this.follow(id)).at(-1)!;
  }

  async until(id: string, condition: (job: Job) => boolean): Promise<Job> {
    for await (const job of this.jobs.watch(id)) if (condition(job)) return job;
    throw new Error('The job ended before it came to that');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopWorker();
    await this.dataSource.destroy();
    await rm(this.config.dataDir, { recursive: true, force: true });
  }
}
