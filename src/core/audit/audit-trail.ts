import type { Logger } from 'pino';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { LOGGER } from '../app/tokens.js';
import { StudioError } from '../errors/index.js';
import { AuditWriter, type PendingEntry } from './audit-writer.js';
import { type RequestOrigin, RequestRecord } from './request-record.js';

/** How much a kill may forget of what was only read. */
const FLUSH_MS = 200;
const BATCH = 500;
/** Entries that wait while the database can't be written: beyond them no request is taken, since none may go unrecorded. */
const MOST_WAITING = 50_000;

/** Who did what, when and from where. Entries are written in batches, behind the answers; changes have their own trace until then. */
@scoped(Lifecycle.ContainerScoped)
export class AuditTrail {
  #waiting: PendingEntry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly writer: AuditWriter,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A request that was let in. Throws `unavailable` while entries can't be written. */
  open(origin: RequestOrigin): RequestRecord {
    if (this.#waiting.length < MOST_WAITING) return new RequestRecord(origin);
    throw new StudioError('unavailable', 'The audit trail cannot be written', { retryAfter: 5 });
  }

  /** The request was answered. */
  close(record: RequestRecord, status: number): void {
    this.#waiting.push({ facts: record.close(status), intentId: record.intentId });
    if (this.#waiting.length >= BATCH) void this.flush();
    else this.#flushSoon();
  }

  /** Writes what waits. What can't be written now is tried again with the next. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Writes what waits, for the last time. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.flush();
  }

  #flushSoon(): void {
    if (!this.#isStopped) this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async #write(): Promise<void> {
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    try {
      await this.writer.append(entries);
    } catch (error) {
      this.#waiting = [...entries, ...this.#waiting];
      this.#flushSoon();
      this.logger.error({ err: error, waiting: this.#waiting.length }, 'the audit trail could not be written');
    }
  }
}
