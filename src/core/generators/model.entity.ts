import { Column, Entity, Index } from 'typeorm';
import type { FitSummary } from '../plugin-api/index.js';
import type { ColumnOverride } from '../tables/index.js';
import { IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';

/** A trained model and its whole lineage. Its artefacts lie in the store under `models/{id}`. */
@Entity({ name: 'model' })
export class Model {
  @IdColumn() id!: string;
  @Index() @ReferenceColumn() ownerId!: string;
  @Index() @ReferenceColumn() datasetId!: string;
  @Column('varchar') datasetChecksum!: string;
  @Column('varchar') pluginId!: string;
  @Column('varchar') pluginVersion!: string;
  @Column('int') artefactVersion!: number;
  @JsonColumn() config!: Readonly<Record<string, unknown>>;
  @JsonColumn() columnOverrides!: readonly ColumnOverride[];
  @Column('bigint', { transformer: { to: (v: number) => v, from: (v: string | number) => Number(v) } }) seed!: number;
  /** Share of the rows that training never saw; chosen by (seed, row number) alone. */
  @Column('float') holdoutFraction!: number;
  @JsonColumn() summary!: FitSummary;
  @TimeColumn() createdAt!: Date;
}
