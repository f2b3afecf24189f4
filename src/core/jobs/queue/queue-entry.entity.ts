import { Column, Entity, Index } from 'typeorm';
import { IdColumn, JsonColumn, TimeColumn } from '../../persistence/columns.js';

/** A row of agenda's queue: one delivery of a piece of work, or a schedule. */
@Entity({ name: 'queue_entry' })
@Index(['name', 'disabled', 'nextRunAt'])
export class QueueEntry {
  @IdColumn() id!: string;
  @Column('varchar') name!: string;
  @Column('varchar') type!: 'normal' | 'single';
  @Column('int') priority!: number;
  @Column('boolean') disabled!: boolean;
  @JsonColumn({ nullable: true }) data!: unknown;
  /** Repetition, time zone, start and end of a schedule: agenda reads them, no query does. */
  @JsonColumn({ nullable: true }) schedule!: Readonly<Record<string, unknown>> | null;
  /** Set for entries of which agenda wants at most one. */
  @Index({ unique: true }) @Column('varchar', { nullable: true }) uniqueKey!: string | null;
  @Column('float', { nullable: true }) progress!: number | null;
  @Column('int', { nullable: true }) failCount!: number | null;
  @Column('text', { nullable: true }) failReason!: string | null;
  @Column('varchar', { nullable: true }) lastModifiedBy!: string | null;
  /** Null once it runs, unless it repeats. */
  @TimeColumn({ nullable: true }) nextRunAt!: Date | null;
  /** Held since; an entry whose lock is older than its lifetime is delivered again. */
  @Index() @TimeColumn({ nullable: true }) lockedAt!: Date | null;
  @TimeColumn({ nullable: true }) lastRunAt!: Date | null;
  @TimeColumn({ nullable: true }) lastFinishedAt!: Date | null;
  @TimeColumn({ nullable: true }) failedAt!: Date | null;
}
