import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { Job } from '../jobs/job.entity.js';
import { CountColumn, IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';

export interface EvaluatorChoice {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
}

@Entity({ name: 'evaluation' })
@Index(['ownerId', 'createdAt', 'id'])
export class Evaluation {
  @IdColumn() id!: string;
  @ReferenceColumn() ownerId!: string;
  @Index() @ReferenceColumn() generatorId!: string;
  @ReferenceColumn() datasetId!: string;
  @JsonColumn() evaluators!: readonly EvaluatorChoice[];
  @Column('varchar', { nullable: true }) targetColumn!: string | null;
  @JsonColumn() sensitiveColumns!: readonly string[];
  @CountColumn() seed!: number;
  /** Headline scores by `evaluator.metric`; the whole report lies in the store under `evaluations/{id}`. */
  @JsonColumn({ nullable: true }) scores!: Readonly<Record<string, number | null>> | null;
  @Index() @ReferenceColumn() jobId!: string;
  @ManyToOne(() => Job, { createForeignKeyConstraints: false })
  @JoinColumn({ name: 'jobId' })
  job!: Relation<Job>;
  @TimeColumn() createdAt!: Date;
  @TimeColumn() updatedAt!: Date;
}
