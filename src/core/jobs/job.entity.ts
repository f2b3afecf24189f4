import { Column, Entity, Index } from 'typeorm';
import { IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';
import type { RunPhase } from '../plugin-api/index.js';
import type { Origin } from '../telemetry/origin.js';

export type JobKind = 'generate' | 'sample' | 'impute' | 'evaluate';
/** `pending`: accepted; `queued`: to be tried again after a lost worker; the last three are terminal. */
export const JOB_STATUSES = ['pending', 'queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const WAITING_STATUSES = ['pending', 'queued'] as const satisfies readonly JobStatus[];
export const TERMINAL_STATUSES: ReadonlySet<JobStatus> = new Set(['completed', 'failed', 'cancelled']);

export interface JobFailure {
  /** A catalogue type, or `worker_lost`, `out_of_memory`. */
  readonly type: string;
  readonly detail: string;
}

/** The one truth about a piece of long work: generators and evaluations have no status of their own. */
@Entity({ name: 'job' })
@Index(['ownerId', 'status'])
export class Job {
  @IdColumn() id!: string;
  @ReferenceColumn() ownerId!: string;
  @Column('varchar') kind!: JobKind;
  /** The generator or evaluation that this job works for. */
  @Index() @ReferenceColumn() subjectId!: string;
  @Index() @Column('varchar') status!: JobStatus;
  @Column('int') attempts!: number;
  @Column('varchar', { nullable: true }) phase!: RunPhase | null;
  /** 0 to 1, over all phases; never falls within an attempt. */
  @Column('float') progress!: number;
  @Column('int', { nullable: true }) epoch!: number | null;
  @Column('int', { nullable: true }) epochs!: number | null;
  @Column('float', { nullable: true }) etaSeconds!: number | null;
  @JsonColumn({ nullable: true }) metrics!: Readonly<Record<string, number>> | null;
  @JsonColumn({ nullable: true }) error!: JobFailure | null;
  @Column('varchar', { nullable: true }) workerId!: string | null;
  @Column('boolean') cancelRequested!: boolean;
  /** The request that asked for it, for the log and for traces. */
  @JsonColumn({ nullable: true }) origin!: Origin | null;
  @TimeColumn({ nullable: true }) heartbeatAt!: Date | null;
  @TimeColumn() createdAt!: Date;
  @TimeColumn({ nullable: true }) startedAt!: Date | null;
  @TimeColumn({ nullable: true }) completedAt!: Date | null;
  @TimeColumn() updatedAt!: Date;
}
