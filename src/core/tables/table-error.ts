export type TableErrorCode =
  | 'unsupported_format'
  | 'empty_file'
  | 'no_rows'
  | 'blank_column_name'
  | 'duplicate_column_name'
  | 'ragged_row'
  | 'broken_quote'
  | 'malformed_json'
  | 'nested_value'
  | 'unsupported_column_type'
  | 'too_large'
  | 'unreadable_file'
  | 'unknown_column'
  | 'impossible_kind'
  | 'invalid_override'
  | 'batch_mismatch'
  | 'exhausted_pattern';

export interface TableErrorPlace {
  /** The column's name. */
  readonly column?: string;
  /** Line of the file (row of the sheet), from 1. */
  readonly line?: number;
  /** The property of the input that is wrong, when the input is not a file. */
  readonly field?: string;
}

/** What is wrong with a table, a plan or an override: meant for the person who gave it. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly code: TableErrorCode;
  readonly column: string | undefined;
  readonly line: number | undefined;
  readonly field: string | undefined;

  constructor(code: TableErrorCode, message: string, place: TableErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.column = place.column;
    this.line = place.line;
    this.field = place.field;
  }
}
