import { Column, Entity, Index } from 'typeorm';
import { IdColumn, TimeColumn } from '../persistence/columns.js';

export type Role = 'user' | 'admin';

@Entity({ name: 'user_account' })
export class User {
  @IdColumn() id!: string;
  /** Lower case. */
  @Index({ unique: true }) @Column('varchar') email!: string;
  @Column('varchar', { nullable: true }) name!: string | null;
  @Column('varchar') role!: Role;
  /** Argon2id, in PHC form; empty for an account without a password. */
  @Column('varchar') passwordHash!: string;
  @TimeColumn() createdAt!: Date;
  @TimeColumn() updatedAt!: Date;
}
