export {
  applyOverrides,
  type ColumnPlan,
  learnedPositions,
  learnedSchema,
  type PlannedColumn,
  type ColumnOverride,
  possibleKinds,
  proposePlan,
} from './column-plan.js';
export {
  type ColumnStorage,
  type CsvDialect,
  type StoredColumn,
  TABLE_FORMATS,
  type TableDescription,
  type TableFormat,
} from './description.js';
export { EXPORT_FORMATS, type ExportFormat, exportTable } from './export-table.js';
export { type FillPlan, hasGaps, planFill } from './fill-plan.js';
export { GapWriter } from './gap-writer.js';
export { type IngestLimits, type IngestRequest, ingestTable } from './ingest.js';
export { PERSONAL_DATA_KINDS, type PersonalDataKind } from './personal-data.js';
export { declaredTable, type PortableTable, portableTable, portableTableSchema } from './portable-description.js';
export { type CellValue, previewRows } from './preview-rows.js';
export { type ColumnSummaryProfile, type NumericSummary, profileTable, type TableProfile } from './profile-table.js';
export type { RowSelection } from './row-selection.js';
export { openTable, type SourceOptions, StoredTable } from './stored-table.js';
export { TableError, type TableErrorCode } from './table-error.js';
export { createTableWriter, type TableWriter, type TableWriterOptions } from './table-writer.js';
