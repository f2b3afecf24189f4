import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { nextTry } from './backoff.js';
import {
  completeDelivery,
  type DeliveryClaim,
  disableWebhook,
  failDelivery,
  postponeDelivery,
  releaseDelivery,
  withAttempt,
} from './delivery-transitions.js';
import type { DeliveryAttempt, WebhookDelivery } from './webhook-delivery.entity.js';
import { TEST_EVENT } from './webhook-events.js';
import { WebhookSender } from './webhook-sender.js';
import { Webhook } from './webhook.entity.js';

/** The receiver asks for no more: https://www.standardwebhooks.com, "Delivery status codes". */
const GONE = 410;

/** One try of a delivery that the caller has claimed, and what follows from how it went. */
@scoped(Lifecycle.ContainerScoped)
export class DeliveryAttempts {
  readonly #config: StudioConfig['webhooks'];

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) config: StudioConfig,
    private readonly sender: WebhookSender,
  ) {
    this.#config = config.webhooks;
  }

  /** Milliseconds for which a claim holds: what is sent after it may be sent twice, so twice the longest try. */
  get lease(): number {
    return 2 * this.#config.timeout;
  }

  /** With the signal the delivery is given back, to be sent again. */
  async make(delivery: WebhookDelivery, claim: DeliveryClaim, signal?: AbortSignal): Promise<void> {
    const { manager } = this.dataSource;
    const webhook = await manager.findOneBy(Webhook, { id: delivery.webhookId });
    if (webhook === null || !(webhook.enabled || delivery.type === TEST_EVENT)) {
      await failDelivery(manager, claim);
      return;
    }
    try {
      await this.#conclude(delivery, claim, await this.sender.send(webhook, delivery, signal));
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      await releaseDelivery(manager, claim);
    }
  }

  async #conclude(delivery: WebhookDelivery, claim: DeliveryClaim, tried: Omit<DeliveryAttempt, 'number'>) {
    const { manager } = this.dataSource;
    const log = withAttempt(delivery, tried);
    if (tried.error === null) return void (await completeDelivery(manager, claim, log));
    const isGone = tried.statusCode === GONE;
    const dueAt = isGone ? null : nextTry(log.failures, new Date(), delivery.retryUntil, this.#config.retryDelay);
    if (dueAt !== null) return void (await postponeDelivery(manager, claim, log, dueAt));
    await this.dataSource.transaction(async (transaction) => {
      if (!(await failDelivery(transaction, claim, log)) || delivery.type === TEST_EVENT) return;
      const reason = isGone
        ? 'The receiver answered 410 Gone'
        : `Delivery ${delivery.id} failed ${log.failures} times, the last time with: ${tried.error}`;
      await disableWebhook(transaction, delivery.webhookId, reason);
    });
  }
}
