import { Column, Entity, Index } from 'typeorm';
import { IdColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';

/** Somebody as a login provider knows them, and the account that they come into. */
@Entity({ name: 'identity' })
@Index(['issuer', 'subject'], { unique: true })
export class Identity {
  @IdColumn() id!: string;
  /** Of the provider, by its own name and not by the configuration's: a provider that is renamed keeps its users. */
  @Column('varchar') issuer!: string;
  /** The provider's own id of the person: never used again for another. */
  @Column('varchar') subject!: string;
  @Index() @ReferenceColumn() userId!: string;
  /** Whether the provider vouched for the account's e-mail address when it was linked. */
  @Column('boolean') emailVerified!: boolean;
  @TimeColumn() createdAt!: Date;
}
