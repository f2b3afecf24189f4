import { access, constants } from 'node:fs/promises';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, In } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { freeBytes } from '../app/data-dir.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { StudioError } from '../errors/index.js';
import { Job, WAITING_STATUSES } from '../jobs/job.entity.js';
import { VERSION } from '../app/version.js';

export interface HealthCheck {
  readonly status: 'ok' | 'failed';
  readonly detail?: string;
}

export interface Health {
  readonly status: 'healthy' | 'degraded';
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly checks: Readonly<Record<'database' | 'storage' | 'queue' | 'disk', HealthCheck>>;
}

/** Below this an upload or a model may fail half way. */
const LOW_DISK_BYTES = 256 * 1024 ** 2;
/** Jobs that wait although nothing works on any job: the worker is gone. */
const STUCK_AFTER_MS = 60_000;

@scoped(Lifecycle.ContainerScoped)
export class HealthService {
  readonly #startedAt = Date.now();

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
  ) {}

  /** Looks at each part as it is now; a part that is out of reach makes the whole degraded. */
  async check(): Promise<Health> {
    const [database, storage, queue, disk] = await Promise.all([
      attempt(() => this.dataSource.query('SELECT 1')),
      attempt(() => access(this.config.dataDir, constants.R_OK | constants.W_OK)),
      attempt(() => this.#checkQueue()),
      attempt(() => this.#checkDisk()),
    ]);
    const checks = { database, storage, queue, disk };
    const failed = Object.values(checks).some(({ status }) => status === 'failed');
    return {
      status: failed ? 'degraded' : 'healthy',
      version: VERSION,
      uptimeSeconds: (Date.now() - this.#startedAt) / 1000,
      checks,
    };
  }

  /** Throws `unavailable` while requests cannot be served: the database or the store is out of reach. */
  async requireReady(): Promise<void> {
    const { database, storage } = (await this.check()).checks;
    const failed = [database, storage].find(({ status }) => status === 'failed');
    if (failed !== undefined) {
      throw new StudioError('unavailable', 'The database or the store is out of reach', { retryAfter: 5 });
    }
  }

  async #checkQueue(): Promise<string> {
    const jobs = this.dataSource.getRepository(Job);
    const waiting = await jobs.find({
      where: { status: In(WAITING_STATUSES) },
      order: { createdAt: 'ASC' },
      take: 1,
    });
    const running = await jobs.countBy({ status: 'running' });
    const oldest = waiting[0];
    if (oldest !== undefined && running === 0 && Date.now() - oldest.createdAt.getTime() > STUCK_AFTER_MS) {
      throw new Error('Jobs wait and no worker takes them');
    }
    return `${running} running`;
  }

  async #checkDisk(): Promise<string> {
    const free = await freeBytes(this.config.dataDir);
    const text = `${Math.floor(free / 1024 ** 2)} MiB free`;
    if (free < LOW_DISK_BYTES) throw new Error(`Only ${text} in DATA_DIR`);
    return text;
  }
}

async function attempt(check: () => Promise<unknown>): Promise<HealthCheck> {
  try {
    const detail = await check();
    return { status: 'ok', ...(typeof detail === 'string' && { detail }) };
  } catch (error) {
    return { status: 'failed', detail: (error as Error).message };
  }
}
