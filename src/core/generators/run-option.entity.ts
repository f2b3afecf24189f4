import { Entity } from 'typeorm';
import { IdColumn, JsonColumn, ReferenceColumn } from '../persistence/columns.js';
import type { Distribution } from './distribution.js';

/** What some runs are asked for beside what all are; most have no such row. It bears the id of its run. */
@Entity({ name: 'run_option' })
export class RunOption {
  @IdColumn() id!: string;
  /** Shares of the drawn rows that the values of columns have. */
  @JsonColumn({ nullable: true }) distribution!: Distribution | null;
  /** The model that training went on from. */
  @ReferenceColumn({ nullable: true }) baseModelId!: string | null;
}
