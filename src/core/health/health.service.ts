import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { ProcessLifecycle } from '../app/lifecycle.js';
import { CONFIG, DATA_SOURCE, LOGGER } from '../app/tokens.js';
import { VERSION } from '../app/version.js';
import { StudioError } from '../errors/index.js';
import { JobQueue } from '../jobs/queue/job-queue.js';
import { ObjectStore } from '../storage/object-store.js';
import { checkDatabase, checkDisk, checkQueue, checkStorage } from './checks.js';

export interface HealthCheck {
  readonly status: 'ok' | 'failed';
  readonly detail?: string;
}

const CHECKS = ['database', 'storage', 'queue', 'disk'] as const;
type CheckName = (typeof CHECKS)[number];

export interface Health {
  readonly status: 'healthy' | 'degraded';
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly checks: Readonly<Record<CheckName, HealthCheck>>;
}

/** Anyone may ask, and each look writes: within this time all get the same answer. */
const FRESH_MS = 1000;
/** A part that does not answer by then is taken for out of reach. */
const PATIENCE_MS = 5000;

@scoped(Lifecycle.ContainerScoped)
export class HealthService {
  #latest: { readonly at: number; readonly checks: Promise<Health['checks']> } | undefined;
  #failing: ReadonlySet<CheckName> = new Set();

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
    @inject(LOGGER) private readonly logger: Logger,
    private readonly store: ObjectStore,
    private readonly queue: JobQueue,
    private readonly lifecycle: ProcessLifecycle,
  ) {}

  /** Each part as it is now, tried by writing and reading; one that fails makes the whole degraded. */
  async check(): Promise<Health> {
    const checks = await this.#checks();
    const failed = Object.values(checks).some(({ status }) => status === 'failed');
    return {
      status: failed ? 'degraded' : 'healthy',
      version: VERSION,
      uptimeSeconds: process.uptime(),
      checks,
    };
  }

  /**
   * Throws `unavailable` while requests cannot be served: before the start is over, once the process was told to end, and
   * while the database or the store is out of reach.
   */
  async requireReady(): Promise<void> {
    this.lifecycle.requireReady();
    const { database, storage } = await this.#checks();
    if (database.status === 'ok' && storage.status === 'ok') return;
    throw new StudioError('unavailable', 'The database or the store is out of reach', { retryAfter: 5 });
  }

  #checks(): Promise<Health['checks']> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#latest.at > FRESH_MS) {
      this.#latest = { at: now, checks: this.#look() };
    }
    return this.#latest.checks;
  }

  async #look(): Promise<Health['checks']> {
    const { dataSource, store, queue, config } = this;
    const [database, storage, queueCheck, disk] = await Promise.all([
      attempt(() => checkDatabase(dataSource)),
      attempt(() => checkStorage(store)),
      attempt(() => checkQueue(dataSource, queue)),
      attempt(() => checkDisk(config.dataDir, config.minFreeDisk)),
    ]);
    const checks = { database, storage, queue: queueCheck, disk };
    this.#logChanges(checks);
    return checks;
  }

  /** One line when a part fails, one when it is well again. */
  #logChanges(checks: Health['checks']): void {
    const failing = new Set(CHECKS.filter((name) => checks[name].status === 'failed'));
    for (const name of CHECKS) {
      const { detail } = checks[name];
      if (failing.has(name) && !this.#failing.has(name))
        this.logger.warn({ check: name, detail }, 'A part is not well');
      if (!failing.has(name) && this.#failing.has(name)) this.logger.info({ check: name }, 'A part is well again');
    }
    this.#failing = failing;
  }
}

async function attempt(check: () => Promise<string>): Promise<HealthCheck> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return { status: 'ok', detail: await Promise.race([check(), late]) };
  } catch (error) {
    return { status: 'failed', detail: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
