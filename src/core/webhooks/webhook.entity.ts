import { Column, Entity, Index } from 'typeorm';
import { IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';
import type { WebhookEvent } from './webhook-events.js';

/** An address that its owner wants told of events. */
@Entity({ name: 'webhook' })
@Index(['ownerId', 'id'])
export class Webhook {
  @IdColumn() id!: string;
  @ReferenceColumn() ownerId!: string;
  @Column('text') url!: string;
  @JsonColumn() events!: readonly WebhookEvent[];
  @Column('boolean') enabled!: boolean;
  /** Why the studio disabled it; null where it is enabled, or its owner disabled it. */
  @Column('text', { nullable: true }) disabledReason!: string | null;
  /** Encrypted. */
  @Column('text') secret!: string;
  /** Encrypted; signs beside the present one until it expires, so that a receiver can change over without a gap. */
  @Column('text', { nullable: true }) previousSecret!: string | null;
  @TimeColumn({ nullable: true }) previousSecretExpiresAt!: Date | null;
  @TimeColumn() createdAt!: Date;
  @TimeColumn() updatedAt!: Date;
}
