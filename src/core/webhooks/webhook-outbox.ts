import { inject, Lifecycle, scoped } from 'tsyringe';
import type { EntityManager } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { CONFIG } from '../app/tokens.js';
import type { Dataset } from '../datasets/dataset.entity.js';
import type { Job } from '../jobs/job.entity.js';
import { afterCommit } from '../persistence/after-commit.js';
import { addDelivery } from './delivery-transitions.js';
import { messageOfDataset, messageOfJob, type WebhookEvent, type WebhookMessage } from './webhook-events.js';
import { Webhook } from './webhook.entity.js';

/**
 * Writes deliveries in the transaction that makes the change they tell of: either both are there or neither, whenever
 * the process dies.
 */
@scoped(Lifecycle.ContainerScoped)
export class WebhookOutbox {
  readonly #retryFor: number;
  readonly #listeners = new Set<() => void>();

  constructor(@inject(CONFIG) { webhooks }: StudioConfig) {
    this.#retryFor = webhooks.retryFor;
  }

  async jobEnded(manager: EntityManager, job: Job): Promise<void> {
    const message = messageOfJob(job);
    if (message !== null) await this.#add(manager, job.ownerId, message);
  }

  datasetCreated(manager: EntityManager, dataset: Dataset): Promise<void> {
    return this.#add(manager, dataset.ownerId, messageOfDataset(dataset));
  }

  /** Calls the listener whenever something may be due. Returns what ends it. */
  onDue(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** After the commit of whatever made something due. */
  wake(manager: EntityManager): void {
    afterCommit(manager, () => this.#listeners.forEach((listener) => listener()));
  }

  async #add(manager: EntityManager, ownerId: string, message: WebhookMessage): Promise<void> {
    const webhooks = await manager.findBy(Webhook, { ownerId, enabled: true });
    const wanted = webhooks.filter(({ events }) => events.includes(message.type as WebhookEvent));
    for (const webhook of wanted) await addDelivery(manager, webhook, message, { retryFor: this.#retryFor });
    if (wanted.length > 0) this.wake(manager);
  }
}
