import { Column, Entity, Index } from 'typeorm';
import type { ColumnKind } from '../plugin-api/index.js';
import type { PrivacyLimit } from '../privacy/privacy-account.js';
import type { ColumnOverride, TableFormat } from '../tables/index.js';
import { CountColumn, IdColumn, JsonColumn, ReferenceColumn, TimeColumn } from '../persistence/columns.js';

/** What the API tells of a column. The whole description of the table lies in the store, beside its rows. */
export interface ColumnSummary {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  readonly missingFraction: number;
  readonly distinctCount: number;
}

@Entity({ name: 'dataset' })
@Index(['ownerId', 'updatedAt', 'id'])
export class Dataset {
  @IdColumn() id!: string;
  @ReferenceColumn() ownerId!: string;
  @Column('varchar') name!: string;
  @Column('text', { nullable: true }) description!: string | null;
  @Column('varchar') originalFilename!: string;
  @Column('varchar') format!: TableFormat;
  @CountColumn() sizeBytes!: number;
  @CountColumn() rowCount!: number;
  @Column('int') columnCount!: number;
  @JsonColumn() columns!: readonly ColumnSummary[];
  @JsonColumn() columnOverrides!: readonly ColumnOverride[];
  @Column('varchar') origin!: 'upload' | 'synthetic';
  /** `sha256:` and hex, of the file as it was uploaded (of table.parquet for synthetic rows). */
  @Column('varchar') checksum!: string;
  /** Models that would spend more than this together are refused. */
  @JsonColumn({ nullable: true }) privacyLimit!: PrivacyLimit | null;
  @TimeColumn() createdAt!: Date;
  @TimeColumn() updatedAt!: Date;
}
