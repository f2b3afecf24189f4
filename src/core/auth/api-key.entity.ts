import { Column, Entity, Index } from 'typeorm';
import { IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';
import type { Scope } from './policies.js';

/** A long-lived credential of a machine. The key itself is shown once and kept nowhere. */
@Entity({ name: 'api_key' })
export class ApiKey {
  @IdColumn() id!: string;
  @Index() @ReferenceColumn() ownerId!: string;
  @Column('varchar') name!: string;
  @JsonColumn() scopes!: readonly Scope[];
  /** SHA-256 of the key, in hex: the key has 256 random bits, so no slow hash is needed. */
  @Index({ unique: true }) @Column('varchar') keyHash!: string;
  /** How the key begins: enough to tell it from the owner's others. */
  @Column('varchar') hint!: string;
  @TimeColumn({ nullable: true }) expiresAt!: Date | null;
  /** To the minute. */
  @TimeColumn({ nullable: true }) lastUsedAt!: Date | null;
  @TimeColumn() createdAt!: Date;
}
