import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../persistence/columns.js';

/** How often someone called within one slot of a sliding window, over all processes. */
@Entity({ name: 'rate_count' })
export class RateCount {
  /** The rule, and whom it counts. */
  @PrimaryColumn('varchar') key!: string;
  @PrimaryColumn({ type: 'bigint', transformer: { to: (slot?: number) => slot, from: Number } }) slot!: number;
  @Column('int') count!: number;
  @Index() @TimeColumn() expiresAt!: Date;
}
