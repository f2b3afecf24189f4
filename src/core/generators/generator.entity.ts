import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { Job } from '../jobs/job.entity.js';
import type { Condition, PreflightIssue } from '../plugin-api/index.js';
import { CountColumn, IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';
import type { RunOption } from './run-option.entity.js';
import { Model } from './model.entity.js';

/** In place of a dataset's id where a model was imported without its dataset: the nil UUID of RFC 9562, which no dataset has. */
export const NO_DATASET = '00000000-0000-0000-0000-000000000000';

/** One run: train and sample, or sample alone from the model of an earlier run. */
@Entity({ name: 'generator' })
@Index(['ownerId', 'createdAt', 'id'])
export class Generator {
  @IdColumn() id!: string;
  @ReferenceColumn() ownerId!: string;
  @Index() @ReferenceColumn() datasetId!: string;
  @Column('varchar') generatorType!: string;
  @Column('varchar', { nullable: true }) name!: string | null;
  @CountColumn() numRows!: number;
  @CountColumn() seed!: number;
  /** Whether the user gave the seed: a differentially private run then draws noise that can be drawn again. */
  @Column('boolean') seedGiven!: boolean;
  @JsonColumn() config!: Readonly<Record<string, unknown>>;
  @JsonColumn() conditions!: readonly Condition[];
  /** What preflight found worth telling, though nothing that forbids the run. */
  @JsonColumn() warnings!: readonly PreflightIssue[];
  @Column('float') holdoutFraction!: number;
  /** Set when training ended. */
  @Index() @ReferenceColumn({ nullable: true }) modelId!: string | null;
  @ManyToOne(() => Model, { nullable: true, createForeignKeyConstraints: false })
  @JoinColumn({ name: 'modelId' })
  model!: Relation<Model> | null;
  @ReferenceColumn({ nullable: true }) outputDatasetId!: string | null;
  @Index() @ReferenceColumn() jobId!: string;
  @ManyToOne(() => Job, { createForeignKeyConstraints: false })
  @JoinColumn({ name: 'jobId' })
  job!: Relation<Job>;
  /** Joined where there is one. */
  option?: RunOption | null;
  @TimeColumn() createdAt!: Date;
  @TimeColumn() updatedAt!: Date;
}
