import type { Logger } from 'pino';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { LOGGER } from '../app/tokens.js';
import { RateCounts } from './rate-counts.js';
import { RequestLimiter } from './request-limiter.js';

/** How far the processes may be behind each other, and how much a kill may forget. */
const SYNC_MS = 500;
const CLEAN_MS = 60_000;

/**
 * Carries the counts of the limiter to the database and those of the other processes back, beside the requests and
 * never in their way. Between two rounds several processes together may let a little more through than one would.
 */
@scoped(Lifecycle.ContainerScoped)
export class RateSync {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #cleanedAt = 0;

  constructor(
    private readonly limiter: RequestLimiter,
    private readonly counts: RateCounts,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Goes on where the last process stopped: a restart empties no window. */
  async start(): Promise<void> {
    const now = Date.now();
    this.limiter.merge(await this.counts.live(now), now);
    this.#timer = setInterval(() => void this.sync(), SYNC_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.sync();
  }

  /** One round; joins the one that is under way and then makes another. */
  async sync(): Promise<void> {
    await this.#round;
    this.#round = this.#exchange();
    await this.#round;
  }

  async #exchange(): Promise<void> {
    const now = Date.now();
    const changes = this.limiter.takeChanges();
    try {
      if (changes.length > 0) this.limiter.merge(await this.counts.exchange(changes, now), now);
    } catch (error) {
      this.limiter.returnChanges(changes);
      this.logger.warn({ err: error }, 'the counts of the rate limits could not be shared');
      return;
    }
    if (now - this.#cleanedAt >= CLEAN_MS) await this.#clean(now);
  }

  async #clean(now: number): Promise<void> {
    this.#cleanedAt = now;
    this.limiter.forgetIdle(now);
    try {
      await this.counts.deleteExpired(now);
    } catch (error) {
      this.logger.warn({ err: error }, 'old counts of the rate limits could not be deleted');
    }
  }
}
