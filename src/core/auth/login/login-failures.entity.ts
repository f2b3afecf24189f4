import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../../persistence/columns.js';

/** Failed logins under one brake. */
@Entity({ name: 'login_failures' })
export class LoginFailures {
  /** SHA-256 of what is counted, in hex: whoever reads the table learns neither addresses nor what was typed. */
  @PrimaryColumn('varchar', { length: 64 }) key!: string;
  @Column('int') failures!: number;
  @Index() @TimeColumn() lastFailureAt!: Date;
  /** No attempt is looked at before. */
  @TimeColumn() retryAt!: Date;
}
