import { isoTime } from '../core/app/iso-time.js';
import type { Dataset } from '../core/datasets/dataset.entity.js';
import { COLUMN_KINDS } from '../core/plugin-api/index.js';
import { type ColumnOverride, TABLE_FORMATS } from '../core/tables/index.js';
import type { PrivacyAccount } from '../core/privacy/privacy-account.js';
import { array, boolean, integer, nullable, number, object, oneOf, type Static, string, time } from './json-schema.js';
import { privacyView, toPrivacy } from './privacy.view.js';

const columnView = object({
  name: string(),
  kind: oneOf(COLUMN_KINDS, { description: 'Identifiers and text are set aside, and filled with fresh values.' }),
  nullable: boolean(),
  missing_fraction: number({ description: 'Share of missing cells, 0 to 1.' }),
  distinct_count: integer({ description: 'Distinct values; missing ones do not count.' }),
});

/** What a column's owner decides about it, in place of what the file made the studio propose. */
export const columnOverride = object(
  { name: string({ description: 'A column of the table.' }) },
  {
    kind: oneOf(COLUMN_KINDS),
    nullable: boolean({ description: 'Whether synthetic cells may be missing.' }),
    bounds: array(number(), {
      minItems: 2,
      maxItems: 2,
      description: 'Least and greatest value, public knowledge; for times in milliseconds since 1970, UTC.',
    }),
    categories: array(string(), { minItems: 1, description: 'All values there can be, public knowledge.' }),
  },
  { title: 'ColumnOverride' },
);

export const datasetView = object(
  {
    id: string(),
    name: string(),
    description: nullable(string()),
    original_filename: string(),
    format: oneOf(TABLE_FORMATS),
    origin: oneOf(['upload', 'synthetic']),
    size_bytes: integer(),
    row_count: integer(),
    column_count: integer(),
    columns: array(columnView),
    column_overrides: array(columnOverride),
    status: oneOf(['ready'], { description: 'A file is read before its upload is answered.' }),
    privacy: privacyView,
    checksum: string({ description: '`sha256:` and hex, of the stored file.' }),
    created_at: time(),
    updated_at: time(),
  },
  {},
  { title: 'Dataset' },
);

export function toDataset(dataset: Dataset, account: PrivacyAccount): Static<typeof datasetView> {
  return {
    id: dataset.id,
    name: dataset.name,
    description: dataset.description,
    original_filename: dataset.originalFilename,
    format: dataset.format,
    origin: dataset.origin,
    size_bytes: dataset.sizeBytes,
    row_count: dataset.rowCount,
    column_count: dataset.columnCount,
    columns: dataset.columns.map((column) => ({
      name: column.name,
      kind: column.kind,
      nullable: column.nullable,
      missing_fraction: column.missingFraction,
      distinct_count: column.distinctCount,
    })),
    column_overrides: dataset.columnOverrides.map(({ column, ...decided }) => ({ name: column, ...decided })),
    status: 'ready',
    privacy: toPrivacy(account, dataset.privacyLimit),
    checksum: dataset.checksum,
    created_at: isoTime(dataset.createdAt),
    updated_at: isoTime(dataset.updatedAt),
  };
}

export function fromColumnOverride({ name, bounds, ...decided }: Static<typeof columnOverride>): ColumnOverride {
  return { column: name, ...decided, ...(bounds !== undefined && { bounds: [bounds[0]!, bounds[1]!] as const }) };
}
