import { Entity, Index, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../persistence/columns.js';

/** What may be presented once, and has been; kept until it would be refused for its age. */
@Entity({ name: 'used_once' })
export class UsedOnce {
  /** SHA-256 of it, in hex. */
  @PrimaryColumn({ type: 'varchar', length: 64 }) id!: string;
  @Index() @TimeColumn() expiresAt!: Date;
}
