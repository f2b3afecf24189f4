import type { Logger } from 'pino';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { CONFIG, DATA_SOURCE, LOGGER } from '../app/tokens.js';
import { AuditEntry, AuditStart } from './audit-entry.entity.js';
import { AuditWriter } from './audit-writer.js';
import { type AuditFacts, type ChainHead, startSealOf } from './chain.js';
import { readStart, START_ID, walkChain } from './verify-chain.js';

const DAY_MS = 86_400_000;
/** Entries removed in one transaction: requests that write wait for so long. */
const STEP = 5000;

/**
 * Removes entries that are older than the configuration keeps them, from the old end of the chain. Where the chain then
 * begins is sealed, and an entry tells of it; only what still holds is removed, or age would cover a forger's traces.
 */
@scoped(Lifecycle.ContainerScoped)
export class AuditRetention {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: Pick<StudioConfig, 'auditRetentionDays'>,
    @inject(LOGGER) private readonly logger: Logger,
    private readonly writer: AuditWriter,
  ) {}

  /** At once, and every day. */
  start(): void {
    if (this.config.auditRetentionDays === 0) return;
    const begin = () => void (this.#round = this.#round.then(() => this.#pruneOrLog()));
    begin();
    this.#timer = setInterval(begin, DAY_MS).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  /** Removes what is too old at `now`, in epoch milliseconds; gives how many entries that were. Throws where they do not hold. */
  async prune(now = Date.now()): Promise<number> {
    const last = await this.#lastTooOld(now - this.config.auditRetentionDays * DAY_MS);
    let removed = 0;
    while (!this.#isStopped) {
      const step = await this.#pruneStep(last);
      if (step === 0) break;
      removed += step;
    }
    return removed;
  }

  async #pruneOrLog(): Promise<void> {
    try {
      await this.prune();
    } catch (error) {
      this.logger.error({ err: error }, 'old entries of the audit trail could not be removed');
    }
  }

  /** By the first entry that is kept; entries stand in the order of their times but for moments. The last one always stays. */
  async #lastTooOld(cutoff: number): Promise<number> {
    const entries = this.dataSource.getRepository(AuditEntry);
    const [kept] = await entries.find({
      where: { time: MoreThanOrEqual(new Date(cutoff)) },
      order: { time: 'ASC', sequence: 'ASC' },
      take: 1,
    });
    const stays = kept ?? (await entries.find({ order: { sequence: 'DESC' }, take: 1 })).at(0);
    return stays === undefined ? 0 : stays.sequence - 1;
  }

  async #pruneStep(last: number): Promise<number> {
    const { manager } = this.dataSource;
    const key = await this.writer.key();
    const start = await readStart(manager, key);
    const upTo = Math.min(start.head.sequence + STEP, last);
    if (start.problem === null && upTo <= start.head.sequence) return 0;
    const { head, problem } = start.problem === null ? await walkChain(manager, start.head, upTo) : start;
    const reason = problem ?? (head.sequence < upTo ? `Entry ${head.sequence + 1} is missing` : null);
    if (reason !== null) throw new Error(`${reason}: nothing is removed from a chain that does not hold`);
    await this.#moveStart(start.head, head, key);
    return head.sequence - start.head.sequence;
  }

  /** In one transaction: the entries go, the chain begins after them, and an entry at its end says so. */
  #moveStart(from: ChainHead, to: ChainHead, key: Uint8Array): Promise<void> {
    const facts = removal(from.sequence + 1, to.sequence);
    return this.writer.append([{ facts, intentId: null }], async (manager) => {
      await manager.upsert(AuditStart, { id: START_ID, ...to, seal: startSealOf(key, to) }, ['id']);
      await manager.delete(AuditEntry, { sequence: LessThanOrEqual(to.sequence) });
    });
  }
}

function removal(first: number, last: number): AuditFacts {
  return {
    time: new Date(),
    userId: null,
    action: 'RETENTION',
    resource: `/audit-logs/${first}-${last}`,
    status: 200,
    durationMs: null,
    address: '',
    userAgent: null,
    requestId: newId(),
  };
}
