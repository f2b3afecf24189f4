import { Entity, Index, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../../persistence/columns.js';

/** An address from which the owner of an account has shown to be the owner. */
@Entity({ name: 'known_address' })
export class KnownAddress {
  /** SHA-256 of account and address, in hex. */
  @PrimaryColumn('varchar', { length: 64 }) key!: string;
  @Index() @TimeColumn() lastSeenAt!: Date;
}
