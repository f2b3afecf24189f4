import { Column, Entity, Index } from 'typeorm';
import { IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';
import type { WebhookMessageType } from './webhook-events.js';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One try, as the log tells it. */
export interface DeliveryAttempt {
  /** From 1, over every redelivery. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  /** Of the answer; null where there was none. */
  readonly statusCode: number | null;
  /** Milliseconds until the answer, or until it was given up. */
  readonly duration: number;
  /** Why it counts as failed; null for an answer of 2xx. */
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly excerpt: string | null;
}

/** One message to one webhook: written with what it tells of, in one transaction, and kept with the log of its tries. */
@Entity({ name: 'webhook_delivery' })
@Index(['status', 'dueAt'])
@Index(['webhookId', 'createdAt', 'id'])
export class WebhookDelivery {
  /** Sent as `webhook-id` with every try, so that a receiver knows a message that it had already. */
  @IdColumn() id!: string;
  @ReferenceColumn() webhookId!: string;
  @ReferenceColumn() ownerId!: string;
  @Column('varchar') type!: WebhookMessageType;
  /** The JSON that is signed and sent, byte for byte. */
  @Column('text') body!: string;
  @Column('varchar') status!: DeliveryStatus;
  /** The latest hundred. */
  @JsonColumn() attempts!: readonly DeliveryAttempt[];
  /** Failed tries since it was written, or was to be delivered again. */
  @Column('int') failures!: number;
  /** When the next try is due. A worker that takes it puts this off: should it die, the try is due again. */
  @TimeColumn() dueAt!: Date;
  /** No try comes after this. */
  @TimeColumn() retryUntil!: Date;
  /** Of the worker's hold on it; null while none has it. */
  @ReferenceColumn({ nullable: true }) claimId!: string | null;
  @TimeColumn() createdAt!: Date;
  @TimeColumn({ nullable: true }) completedAt!: Date | null;
}
