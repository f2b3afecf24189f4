import { Column, Entity, Index } from 'typeorm';
import { IdColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';

/** One link of a family: each refresh uses a token up and adds the next; a used one presented again ends the family. */
@Entity({ name: 'refresh_token' })
export class RefreshToken {
  @IdColumn() id!: string;
  @Index() @ReferenceColumn() userId!: string;
  @Index() @ReferenceColumn() familyId!: string;
  /** SHA-256 of the token, in hex. */
  @Index({ unique: true }) @Column('varchar') tokenHash!: string;
  @TimeColumn() expiresAt!: Date;
  @TimeColumn({ nullable: true }) usedAt!: Date | null;
  @TimeColumn({ nullable: true }) revokedAt!: Date | null;
  @TimeColumn() createdAt!: Date;
}
