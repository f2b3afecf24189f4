import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, IsNull } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { SecretBox } from '../app/secret-box.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { conflict, invalid, notFound } from '../errors/index.js';
import { insertRow } from '../persistence/insert-row.js';
import { encodeCursor, findPage, type Page, type PageRequest } from '../persistence/paging.js';
import { DeliveryAttempts } from './delivery-attempts.js';
import { addDelivery, disableWebhook } from './delivery-transitions.js';
import { checkSigningSecret, newSigningSecret } from './signature.js';
import { type DeliveryStatus, WebhookDelivery } from './webhook-delivery.entity.js';
import { testMessage, type WebhookEvent } from './webhook-events.js';
import { WebhookOutbox } from './webhook-outbox.js';
import { WebhookTargets } from './webhook-targets.js';
import { Webhook } from './webhook.entity.js';

const MAXIMUM_WEBHOOKS = 50;

export interface WebhookInput {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Absent: one is made. */
  readonly secret?: string;
}

export interface WebhookChange {
  readonly url?: string;
  readonly events?: readonly WebhookEvent[];
  readonly enabled?: boolean;
}

/** A webhook with its secret, which is told this once. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export interface DeliveryFilter {
  readonly status?: DeliveryStatus;
}

@scoped(Lifecycle.ContainerScoped)
export class WebhookService {
  readonly #config: StudioConfig['webhooks'];

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) config: StudioConfig,
    private readonly secrets: SecretBox,
    private readonly targets: WebhookTargets,
    private readonly attempts: DeliveryAttempts,
    private readonly outbox: WebhookOutbox,
  ) {
    this.#config = config.webhooks;
  }

  async register(ownerId: string, input: WebhookInput): Promise<WebhookWithSecret> {
    const secret = input.secret === undefined ? newSigningSecret() : checkSigningSecret(input.secret);
    const events = checkEvents(input.events);
    const url = await this.targets.check(input.url);
    const id = newId();
    const now = new Date();
    const row = {
      id,
      ownerId,
      url,
      events,
      enabled: true,
      disabledReason: null,
      secret: await this.secrets.seal(secret, id),
      previousSecret: null,
      previousSecretExpiresAt: null,
      createdAt: now,
      updatedAt: now,
    };
    await this.dataSource.transaction(async (manager) => {
      if ((await manager.countBy(Webhook, { ownerId })) >= MAXIMUM_WEBHOOKS) {
        throw conflict(`At most ${MAXIMUM_WEBHOOKS} webhooks: delete one first`);
      }
      await insertRow(manager, Webhook, row);
    });
    return { webhook: await this.get(ownerId, id), secret };
  }

  async get(ownerId: string, id: string): Promise<Webhook> {
    const webhook = await this.dataSource.manager.findOneBy(Webhook, { id, ownerId });
    if (webhook === null) throw notFound('Webhook');
    return webhook;
  }

  /** All of them, in the order of their making. */
  list(ownerId: string): Promise<Webhook[]> {
    return this.dataSource.manager.find(Webhook, { where: { ownerId }, order: { id: 'ASC' } });
  }

  /** What waits for a webhook that is disabled is failed with it; it can be delivered again one by one. */
  async update(ownerId: string, id: string, change: WebhookChange): Promise<Webhook> {
    await this.get(ownerId, id);
    const url = change.url === undefined ? undefined : await this.targets.check(change.url);
    const events = change.events === undefined ? undefined : checkEvents(change.events);
    await this.dataSource.transaction(async (manager) => {
      const changes = {
        ...(url !== undefined && { url }),
        ...(events !== undefined && { events }),
        ...(change.enabled === true && { enabled: true, disabledReason: null }),
        updatedAt: new Date(),
      };
      await manager.update(Webhook, { id, ownerId }, changes as object);
      if (change.enabled === false) await disableWebhook(manager, id, null);
    });
    return this.get(ownerId, id);
  }

  /** With its deliveries and their log. */
  async delete(ownerId: string, id: string): Promise<void> {
    await this.get(ownerId, id);
    await this.dataSource.transaction(async (manager) => {
      await manager.delete(Webhook, { id, ownerId });
      await manager.delete(WebhookDelivery, { webhookId: id });
    });
  }

  /** Until WEBHOOK_SECRET_OVERLAP has passed, deliveries are signed with the replaced secret too. */
  async rotateSecret(ownerId: string, id: string, given?: string): Promise<WebhookWithSecret> {
    const { secret: replaced } = await this.get(ownerId, id);
    const secret = given === undefined ? newSigningSecret() : checkSigningSecret(given);
    const now = new Date();
    const changes = {
      secret: await this.secrets.seal(secret, id),
      previousSecret: replaced,
      previousSecretExpiresAt: new Date(now.getTime() + this.#config.secretOverlap),
      updatedAt: now,
    };
    // Two rotations at once: the first wins, or a secret that nobody was told of would be the previous one.
    const { affected } = await this.dataSource.manager.update(Webhook, { id, ownerId, secret: replaced }, changes);
    if (affected !== 1) throw conflict('The secret was replaced a moment ago');
    return { webhook: await this.get(ownerId, id), secret };
  }

  /** Sends a `webhook.test` now, once, and tells how it went; also to a webhook that is disabled. */
  async test(ownerId: string, id: string): Promise<WebhookDelivery> {
    const webhook = await this.get(ownerId, id);
    const hold = { retryFor: 0, lease: this.attempts.lease };
    const delivery = await addDelivery(this.dataSource.manager, webhook, testMessage(id), hold);
    await this.attempts.make(delivery, { id: delivery.id, claimId: delivery.claimId! });
    return this.delivery(ownerId, delivery.id);
  }

  async delivery(ownerId: string, id: string): Promise<WebhookDelivery> {
    const delivery = await this.dataSource.manager.findOneBy(WebhookDelivery, { id, ownerId });
    if (delivery === null) throw notFound('Delivery');
    return delivery;
  }

  /** The newest first. */
  async deliveries(
    ownerId: string,
    webhookId: string,
    { status }: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>> {
    await this.get(ownerId, webhookId);
    const query = this.dataSource.getRepository(WebhookDelivery).createQueryBuilder('d').where({ webhookId, ownerId });
    if (status !== undefined) query.andWhere({ status });
    return findPage(query, { column: 'createdAt', direction: 'DESC' }, page);
  }

  cursor(delivery: WebhookDelivery): string {
    return encodeCursor(delivery.createdAt, delivery.id);
  }

  /** Makes it due now, whatever became of it, and to be tried for as long as a new one. Its `webhook-id` stays. */
  async redeliver(ownerId: string, id: string): Promise<WebhookDelivery> {
    const { webhookId } = await this.delivery(ownerId, id);
    if (!(await this.get(ownerId, webhookId)).enabled) throw conflict('The webhook is disabled: enable it first');
    await this.dataSource.transaction(async (manager) => {
      const now = Date.now();
      const due = { dueAt: new Date(now), retryUntil: new Date(now + this.#config.retryFor) };
      const changes = { ...due, status: 'pending' as const, failures: 0, completedAt: null };
      const free = { id, ownerId, claimId: IsNull() };
      const { affected } = await manager.update(WebhookDelivery, free, changes);
      if (affected !== 1) throw conflict('The delivery is being sent now');
      this.outbox.wake(manager);
    });
    return this.delivery(ownerId, id);
  }
}

function checkEvents(events: readonly WebhookEvent[]): WebhookEvent[] {
  if (events.length > 0) return [...new Set(events)];
  throw invalid({ field: 'events', message: 'Name at least one event', code: 'required' });
}
