import { type EntityManager, In, IsNull, LessThan, LessThanOrEqual, Not } from 'typeorm';
import { newId } from '../app/ids.js';
import { insertRow } from '../persistence/insert-row.js';
import { DELIVERY_STATUSES, type DeliveryAttempt, WebhookDelivery } from './webhook-delivery.entity.js';
import type { WebhookMessage } from './webhook-events.js';
import { Webhook } from './webhook.entity.js';

/** Tries that the log of one delivery keeps. */
const LOGGED_ATTEMPTS = 100;

/** The right to write how a try ended: once another worker took the delivery, no row matches it any more. */
export interface DeliveryClaim {
  readonly id: string;
  readonly claimId: string;
}

type Changes = Partial<Omit<WebhookDelivery, 'id'>>;

/** Writes a delivery that is due at once. With a hold of `lease` milliseconds it is its maker's to send. */
export async function addDelivery(
  manager: EntityManager,
  { id: webhookId, ownerId }: Webhook,
  message: WebhookMessage,
  { retryFor, lease }: { readonly retryFor: number; readonly lease?: number },
): Promise<WebhookDelivery> {
  const now = Date.now();
  const delivery: WebhookDelivery = {
    id: newId(),
    webhookId,
    ownerId,
    type: message.type,
    body: JSON.stringify(message),
    status: 'pending',
    attempts: [],
    failures: 0,
    dueAt: new Date(now + (lease ?? 0)),
    retryUntil: new Date(now + retryFor),
    claimId: lease === undefined ? null : newId(),
    createdAt: new Date(now),
    completedAt: null,
  };
  await insertRow(manager, WebhookDelivery, delivery);
  return delivery;
}

/** What is due, the longest waiting first, but for owners who have their share of the tries under way. */
export function findDue(manager: EntityManager, busyOwners: readonly string[], limit: number) {
  return manager.find(WebhookDelivery, {
    where: { status: 'pending', dueAt: LessThanOrEqual(new Date()), ownerId: Not(In([...busyOwners])) },
    order: { dueAt: 'ASC' },
    take: limit,
  });
}

/** Takes a delivery for `lease` milliseconds by compare-and-set: of any number of workers one gets it, the others null. */
export async function claimDelivery(
  manager: EntityManager,
  { id, dueAt, claimId }: WebhookDelivery,
  lease: number,
): Promise<DeliveryClaim | null> {
  const claim = { id, claimId: newId() };
  const asRead = { id, status: 'pending' as const, dueAt, claimId: claimId ?? IsNull() };
  const changes = { dueAt: new Date(Date.now() + lease), claimId: claim.claimId };
  const { affected } = await manager.update(WebhookDelivery, asRead, changes);
  return affected === 1 ? claim : null;
}

/** Gives it back as it was: the try was interrupted for no fault of the receiver's. */
export function releaseDelivery(manager: EntityManager, claim: DeliveryClaim): Promise<boolean> {
  return change(manager, claim, { dueAt: new Date() });
}

export function completeDelivery(manager: EntityManager, claim: DeliveryClaim, log: Log): Promise<boolean> {
  return change(manager, claim, { ...log, status: 'delivered', completedAt: new Date() });
}

export function postponeDelivery(manager: EntityManager, claim: DeliveryClaim, log: Log, dueAt: Date) {
  return change(manager, claim, { ...log, dueAt });
}

export function failDelivery(manager: EntityManager, claim: DeliveryClaim, log: Partial<Log> = {}): Promise<boolean> {
  return change(manager, claim, { ...log, status: 'failed', completedAt: new Date() });
}

/** Disables a webhook, and fails what waits for it: a delivery never waits for what may never come. */
export async function disableWebhook(manager: EntityManager, id: string, reason: string | null): Promise<void> {
  const now = new Date();
  await manager.update(Webhook, { id, enabled: true }, { enabled: false, disabledReason: reason, updatedAt: now });
  const waiting = { webhookId: id, status: 'pending' as const, claimId: IsNull() };
  await manager.update(WebhookDelivery, waiting, { status: 'failed', completedAt: now });
}

/** Removes what ended before `time`. */
export async function forgetDeliveries(manager: EntityManager, time: Date): Promise<void> {
  const ended = DELIVERY_STATUSES.filter((status) => status !== 'pending');
  // Nothing is due after it ended, and the index is on this column.
  await manager.delete(WebhookDelivery, { status: In(ended), dueAt: LessThan(time) });
}

type Log = Pick<WebhookDelivery, 'attempts' | 'failures'>;

/** The log with one more try in it. */
export function withAttempt({ attempts, failures }: Log, tried: Omit<DeliveryAttempt, 'number'>): Log {
  const attempt = { number: (attempts.at(-1)?.number ?? 0) + 1, ...tried };
  return {
    attempts: [...attempts, attempt].slice(-LOGGED_ATTEMPTS),
    failures: tried.error === null ? failures : failures + 1,
  };
}

async function change(manager: EntityManager, claim: DeliveryClaim, changes: Changes): Promise<boolean> {
  const { affected } = await manager.update(WebhookDelivery, { ...claim }, { ...changes, claimId: null } as object);
  return affected === 1;
}
