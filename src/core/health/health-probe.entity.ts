import { Entity } from 'typeorm';
import { IdColumn, TimeColumn } from '../persistence/columns.js';

/** The one row that the health check writes and reads back. */
@Entity({ name: 'health_probe' })
export class HealthProbe {
  @IdColumn() id!: string;
  @TimeColumn() checkedAt!: Date;
}
