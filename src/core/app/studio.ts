import type { DependencyContainer } from 'tsyringe';
import { DataSource, In, Not } from 'typeorm';
import { AuditRetention } from '../audit/audit-retention.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { AuthService } from '../auth/auth.service.js';
import { RefreshTokens } from '../auth/refresh-tokens.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { DerivedFiles } from '../datasets/derived-files.js';
import { Evaluation } from '../evaluations/evaluation.entity.js';
import { Model } from '../generators/model.entity.js';
import { IdempotencyService } from '../idempotency/idempotency.service.js';
import { Job, TERMINAL_STATUSES } from '../jobs/job.entity.js';
import { Worker } from '../jobs/worker.js';
import { RateSync } from '../limits/rate-sync.js';
import { createDataSource } from '../persistence/data-source.js';
import type { PluginPackage } from '../plugin-api/index.js';
import { loadPlugins } from '../plugin-host/index.js';
import { ObjectStore } from '../storage/object-store.js';
import { Metrics } from '../telemetry/metrics.js';
import { createTracer } from '../telemetry/tracer.js';
import { DeliveryWorker } from '../webhooks/delivery-worker.js';
import type { StudioConfig } from './config.js';
import { createContainer } from './container.js';
import { lockDataDir, prepareDataDir } from './data-dir.js';
import { ProcessLifecycle } from './lifecycle.js';
import { createLogger } from './logger.js';
import { jwtSecret } from './secrets.js';
import { DATA_SOURCE, LOGGER } from './tokens.js';

export interface StudioOptions {
  readonly config: StudioConfig;
  readonly builtIn: readonly PluginPackage[];
  readonly trainerEntry: string;
}

type Closer = () => Promise<unknown> | unknown;

/** Everything but the doors, opened in the order that each part needs, and closed in the other. */
export class Studio implements AsyncDisposable {
  readonly #drains: Closer[] = [];
  readonly #closers: Closer[] = [];

  private constructor(
    readonly config: StudioConfig,
    readonly container: DependencyContainer,
  ) {}

  static async open({ config, builtIn, trainerEntry }: StudioOptions): Promise<Studio> {
    await prepareDataDir(config.dataDir);
    const logger = createLogger(config);
    const unlock = await lockRoles(config);
    try {
      const plugins = await loadPlugins({ builtIn, extra: config.plugins });
      const dataSource = await createDataSource(config, logger);
      const secret = await jwtSecret(config.jwtSecret, config.dataDir);
      const tracer = await createTracer(config.traces.endpoint, config.traces.serviceName);
      const parts = { config, logger, dataSource, plugins, jwtSecret: secret, tracer, trainerEntry };
      const studio = new Studio(config, createContainer(parts));
      studio.#closers.push(
        unlock,
        () => tracer.close(),
        () => dataSource.destroy(),
        () => studio.container.resolve(Metrics).close(),
      );
      await studio.#recover();
      await studio.container.resolve(AuthService).ensureAdmin();
      await studio.container.resolve(RefreshTokens).load();
      if (config.role !== 'worker') await studio.#startRecords();
      if (config.role !== 'api') await studio.#startWorker();
      return studio;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  get lifecycle(): ProcessLifecycle {
    return this.container.resolve(ProcessLifecycle);
  }

  /** Work under way that should end before anything is closed: requests, trainers. All at once, each within some 3 s. */
  onDrain(drain: Closer): void {
    this.#drains.push(drain);
  }

  /** Closed after the draining, the last one first, and before the database: the doors, and whatever writes behind them. */
  onClose(close: Closer): void {
    this.#closers.push(close);
  }

  /** No new work; what is under way ends as far as it can; then everything is closed. */
  async close(): Promise<void> {
    this.lifecycle.drain();
    await Promise.all(this.#drains.splice(0).map((drain) => this.#run(drain)));
    for (const close of this.#closers.splice(0).toReversed()) await this.#run(close);
  }

  async #run(close: Closer): Promise<void> {
    try {
      await close();
    } catch (error) {
      this.container.resolve(LOGGER).error({ err: error }, 'a part of the studio did not close');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What the doors write behind their answers. */
  async #startRecords(): Promise<void> {
    await this.container.resolve(AuditWriter).appendInterrupted();
    await this.container.resolve(IdempotencyService).recover();
    const trail = this.container.resolve(AuditTrail);
    const sync = this.container.resolve(RateSync);
    await sync.start();
    const retention = this.container.resolve(AuditRetention);
    retention.start();
    this.#closers.push(
      () => sync.stop(),
      () => trail.stop(),
      () => retention.stop(),
    );
  }

  async #startWorker(): Promise<void> {
    const worker = this.container.resolve(Worker);
    await worker.start();
    this.onDrain(() => worker.stop());
    const deliveries = this.container.resolve(DeliveryWorker);
    deliveries.start();
    this.onDrain(() => deliveries.stop());
  }

  /** Clears away what a process that was killed left half done. */
  async #recover(): Promise<void> {
    const store = this.container.resolve(ObjectStore);
    const dataSource = this.container.resolve(DATA_SOURCE);
    await store.open();
    if (this.config.role !== 'worker') await store.sweepScratch('upload');
    const live = await dataSource.getRepository(Job).findBy({ status: Not(In([...TERMINAL_STATUSES])) });
    if (this.config.role !== 'api') await store.sweepScratch('run', new Set(live.map(({ id }) => id)));
    if (this.config.role !== 'all') return;
    const datasets = await idsOf(dataSource, Dataset);
    await store.sweepObjects({
      datasets,
      // A run that goes on finds the model that it finished before.
      models: new Set([...(await idsOf(dataSource, Model)), ...live.map(({ subjectId }) => subjectId)]),
      evaluations: await idsOf(dataSource, Evaluation),
    });
    await this.container.resolve(DerivedFiles).sweep([...datasets].map((id) => store.path('datasets', id)));
  }
}

async function lockRoles(config: StudioConfig): Promise<() => Promise<void>> {
  const roles = config.role === 'all' ? (['api', 'worker'] as const) : [config.role];
  const unlocks: (() => Promise<void>)[] = [];
  const unlock = async () => {
    for (const release of unlocks.splice(0)) await release();
  };
  try {
    for (const role of roles) unlocks.push(await lockDataDir(config.dataDir, role));
  } catch (error) {
    await unlock();
    throw error;
  }
  return unlock;
}

async function idsOf(dataSource: DataSource, entity: new () => { id: string }): Promise<Set<string>> {
  const rows = await dataSource
    .getRepository(entity)
    .createQueryBuilder('e')
    .select('e.id', 'id')
    .getRawMany<{ id: string }>();
  return new Set(rows.map(({ id }) => id));
}
