/** A training metric of a run. */
export interface NamedValue {
  readonly name: string;
  readonly value: number;
}

/** A headline score of an evaluation. */
export interface Score {
  readonly evaluator: string;
  readonly metric: string;
  readonly value: number | null;
}

export type Cell = string | number | boolean | null;

export interface Row {
  readonly index: number;
  readonly values: readonly Cell[];
}

export interface RowPage {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly totalCount: number;
}
