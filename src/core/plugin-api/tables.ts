export const COLUMN_KINDS = [
  'continuous',
  'integer',
  'categorical',
  'boolean',
  'datetime',
  'identifier',
  'text',
] as const;

/** What a generator may meet. `identifier` and `text` columns never reach a plugin that does not list them: the host sets them aside and fills them. */
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** Public facts of a column: known without looking at its values, or declared by the user. */
export interface ColumnSchema {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** Declared by the user, never read from the rows. */
  readonly bounds?: readonly [number, number];
  /** Declared by the user, never read from the rows. */
  readonly categories?: readonly string[];
}

export interface TableSchema {
  readonly columns: readonly ColumnSchema[];
}

export interface ColumnProfile {
  /** Share of missing cells, 0 to 1. */
  readonly missingFraction: number;
  /** Distinct values, missing ones not counted. */
  readonly distinctCount: number;
  /** Absent for columns without an order (categorical, boolean, identifier, text) and for all-missing ones. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Most decimal places of any value; absent where the kind has none. */
  readonly decimalPlaces?: number;
}

/** Facts read from the rows: withheld (null) from a differentially private plugin, whose mechanisms must pay for them. */
export interface DatasetProfile {
  readonly rowCount: number;
  readonly columns: readonly ColumnProfile[];
}

/** Continuous, integer, boolean (0 and 1) and datetime (milliseconds since the epoch, UTC) columns. NaN is missing. */
export interface NumericColumn {
  readonly values: Float64Array;
}

/** Categorical (and, where a plugin lists them, identifier and text) columns: codes into the dictionary, −1 is missing; one dictionary for the whole source. */
export interface CodedColumn {
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type Column = NumericColumn | CodedColumn;

/** Column-major, in the schema's order (by position: a column may be called `__proto__`). */
export interface TableBatch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** Re-iterable: each call to batches() starts again at row 0. */
export interface TableSource {
  readonly schema: TableSchema;
  readonly profile: DatasetProfile | null;
  batches(batchSize: number): AsyncIterable<TableBatch>;
}

export function isCoded(column: Column): column is CodedColumn {
  return 'codes' in column;
}

/** The kinds whose columns come as {@link CodedColumn}; all others come as {@link NumericColumn}. */
export const CODED_KINDS: ReadonlySet<ColumnKind> = new Set<ColumnKind>(['categorical', 'identifier', 'text']);
