import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { JsonColumn, TimeColumn } from '../persistence/columns.js';

/** A request that was sent with an Idempotency-Key, and its answer. */
@Entity({ name: 'idempotent_request' })
export class IdempotentRequest {
  /** SHA-256 over who sent it, to which route, and the key. */
  @PrimaryColumn('varchar') id!: string;
  /** SHA-256 over what was asked; null until an upload has been read. */
  @Column('varchar', { nullable: true }) fingerprint!: string | null;
  /** Null while it runs. */
  @Column('int', { nullable: true }) status!: number | null;
  @JsonColumn({ nullable: true }) headers!: Readonly<Record<string, string>> | null;
  /** Encrypted: an answer may hold a secret that is shown once. */
  @Column('text', { nullable: true }) body!: string | null;
  @Index() @TimeColumn() expiresAt!: Date;
}

/** Committed together with what such a request changed: it has had its effect, whether or not it was answered. */
@Entity({ name: 'idempotent_effect' })
export class IdempotentEffect {
  @PrimaryColumn('varchar') id!: string;
}
