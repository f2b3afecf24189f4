import { Column, Entity, Index } from 'typeorm';
import { IdColumn, ReferenceColumn } from '../persistence/columns.js';

/** What one training costs its dataset. It outlives the generator: the rows stay read when what was made of them is deleted. */
@Entity({ name: 'privacy_charge' })
export class PrivacyCharge {
  /** Of the run that trains. */
  @IdColumn() id!: string;
  @Index() @ReferenceColumn() datasetId!: string;
  @ReferenceColumn() jobId!: string;
  /** False where nothing bounds what the model gives away: it promises nothing, or its noise can be drawn again. */
  @Column('boolean') bounded!: boolean;
  /** The budget while the run goes on; what was spent once there is a model. 0 without a promise. */
  @Column('float') epsilon!: number;
  /** Null: chosen by the plugin during the run, and not known before there is a model. */
  @Column('float', { nullable: true }) delta!: number | null;
  /** Whether a model came of it. */
  @Column('boolean') settled!: boolean;
}
