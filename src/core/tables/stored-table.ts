import type { ColumnProfile, DatasetProfile, TableSource } from '../plugin-api/index.js';
import { type ColumnPlan, learnedPositions, learnedSchema } from './column-plan.js';
import { readDescription, type StoredColumn, type TableDescription } from './description.js';
import type { FillPlan } from './fill-plan.js';
import { type LackingValue, lackingValues } from './lacking-values.js';
import { type CellValue, previewRows } from './preview-rows.js';
import { countSelected, type RowSelection, selectRows } from './row-selection.js';
import { TableError } from './table-error.js';
import { StoredSource } from './table-source.js';

export interface SourceOptions {
  readonly plan: ColumnPlan;
  /** Absent: all rows. */
  readonly selection?: RowSelection;
  /** False for a differentially private generator. */
  readonly withProfile: boolean;
}

/** A table in the store: rows in Parquet, and what is known of them. */
export class StoredTable {
  constructor(
    readonly directory: string,
    readonly description: TableDescription,
  ) {}

  /** The columns that the plan lets a generator see. The profile is the whole table's, but for its row count. */
  source({ plan, selection, withProfile }: SourceOptions): TableSource {
    if (plan.columns.length !== this.description.columns.length) {
      throw new TableError(
        'batch_mismatch',
        `The plan has ${plan.columns.length} columns, the table has ${this.description.columns.length}`,
      );
    }
    const positions = learnedPositions(plan);
    const profile = withProfile ? this.#profile(positions, plan, selection) : null;
    const { directory, description } = this;
    return new StoredSource({ directory, description, schema: learnedSchema(plan), positions, profile, selection });
  }

  /** The columns that a model learned, in its order and of its kinds. */
  sourceFor({ columns }: FillPlan): TableSource {
    const { directory, description } = this;
    const schema = { columns: columns.map((column) => column.schema) };
    const positions = columns.map(({ position }) => position);
    return new StoredSource({ directory, description, schema, positions, profile: null, selection: undefined });
  }

  rowCount(selection?: RowSelection): number {
    const { rowCount } = this.description;
    return selection ? countSelected(selectRows(rowCount, selection)) : rowCount;
  }

  preview(offset: number, limit: number): Promise<CellValue[][]> {
    return previewRows(this.directory, offset, limit);
  }

  /** Those of the values, as they are spelled, that no row has in the column at `position`. */
  lackingValues(position: number, values: readonly string[]): Promise<LackingValue[]> {
    return lackingValues(this.directory, this.description, position, values);
  }

  #profile(positions: readonly number[], plan: ColumnPlan, selection: RowSelection | undefined): DatasetProfile {
    const columns = positions.map((i) => columnProfile(this.description.columns[i]!, plan.columns[i]!.schema.kind));
    return { rowCount: this.rowCount(selection), columns };
  }
}

export async function openTable(directory: string): Promise<StoredTable> {
  return new StoredTable(directory, await readDescription(directory));
}

function columnProfile(column: StoredColumn, kind: string): ColumnProfile {
  const { missingFraction, distinctCount, minimum, maximum, decimalPlaces } = column;
  const ordered = kind === 'continuous' || kind === 'integer' || kind === 'datetime';
  return {
    missingFraction,
    distinctCount,
    ...(ordered && minimum !== undefined && { minimum }),
    ...(ordered && maximum !== undefined && { maximum }),
    ...((kind === 'continuous' || kind === 'integer') && decimalPlaces !== undefined && { decimalPlaces }),
  };
}
