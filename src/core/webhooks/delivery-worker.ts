import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource } from 'typeorm';
import { DATA_SOURCE, LOGGER } from '../app/tokens.js';
import { DeliveryAttempts } from './delivery-attempts.js';
import { claimDelivery, type DeliveryClaim, findDue, forgetDeliveries } from './delivery-transitions.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookOutbox } from './webhook-outbox.js';

/** Tries under way at a time, in all and for one owner: slow receivers of one hold up nobody else. */
const CONCURRENCY = 32;
const CONCURRENCY_PER_OWNER = 8;
/** Milliseconds between looks for what became due, or was written by another process. */
const POLL_INTERVAL = 1000;
/** Milliseconds that tries under way get to end when the studio closes. */
const GRACE = 1500;
/** Milliseconds for which the log is kept. */
const KEPT_FOR = 30 * 86_400_000;
const SWEEP_INTERVAL = 3_600_000;

/** Sends what the outbox holds, at least once each; any number of workers, in any number of processes, share it. */
@scoped(Lifecycle.ContainerScoped)
export class DeliveryWorker {
  /** Owner and end of each try under way, by delivery. */
  readonly #underWay = new Map<string, { readonly ownerId: string; readonly done: Promise<void> }>();
  readonly #abort = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #stopListening: () => void = () => {};
  #taking: Promise<void> | undefined;
  #again = false;
  #stopping = false;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(LOGGER) private readonly logger: Logger,
    private readonly attempts: DeliveryAttempts,
    private readonly outbox: WebhookOutbox,
  ) {}

  start(): void {
    this.#stopListening = this.outbox.onDue(() => this.#wake());
    this.#timers.push(setInterval(() => this.#wake(), POLL_INTERVAL));
    this.#timers.push(setInterval(() => void this.#sweep(), SWEEP_INTERVAL));
    this.#wake();
    void this.#sweep();
  }

  /** Tries that don't end in time are broken off, and made again by whoever starts next. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopListening();
    this.#timers.forEach(clearInterval);
    await this.#taking;
    const ended = Promise.all([...this.#underWay.values()].map(({ done }) => done));
    await Promise.race([ended, delay(GRACE, undefined, { ref: false })]);
    this.#abort.abort();
    await ended;
  }

  #wake(): void {
    this.#again = true;
    if (this.#stopping) return;
    this.#taking ??= this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    try {
      while (this.#again && !this.#stopping) {
        this.#again = false;
        while (!this.#stopping && (await this.#takeSome()) > 0);
      }
    } catch (error) {
      this.logger.error({ err: error }, 'Webhook deliveries could not be taken');
    } finally {
      this.#taking = undefined;
    }
  }

  async #takeSome(): Promise<number> {
    const free = CONCURRENCY - this.#underWay.size;
    if (free === 0) return 0;
    const { manager } = this.dataSource;
    let taken = 0;
    for (const delivery of await findDue(manager, this.#busyOwners(), free)) {
      if (this.#stopping || this.#countOf(delivery.ownerId) >= CONCURRENCY_PER_OWNER) continue;
      const claim = await claimDelivery(manager, delivery, this.attempts.lease);
      if (claim === null) continue;
      this.#send(delivery, claim);
      taken++;
    }
    return taken;
  }

  #send(delivery: WebhookDelivery, claim: DeliveryClaim): void {
    const { id, ownerId } = delivery;
    const done = this.attempts
      .make(delivery, claim, this.#abort.signal)
      // What could not be written is sent again when the claim runs out.
      .catch((error: unknown) => this.logger.error({ err: error, deliveryId: id }, 'A webhook could not be sent'))
      .finally(() => {
        this.#underWay.delete(id);
        this.#wake();
      });
    this.#underWay.set(id, { ownerId, done });
  }

  #countOf(ownerId: string): number {
    return [...this.#underWay.values()].filter((one) => one.ownerId === ownerId).length;
  }

  #busyOwners(): string[] {
    const owners = new Set([...this.#underWay.values()].map(({ ownerId }) => ownerId));
    return [...owners].filter((ownerId) => this.#countOf(ownerId) >= CONCURRENCY_PER_OWNER);
  }

  async #sweep(): Promise<void> {
    try {
      await forgetDeliveries(this.dataSource.manager, new Date(Date.now() - KEPT_FOR));
    } catch (error) {
      this.logger.warn({ err: error }, 'Old webhook deliveries could not be removed');
    }
  }
}
