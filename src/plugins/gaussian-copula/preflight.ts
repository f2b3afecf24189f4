import type { DatasetProfile, PreflightIssue, TableSchema } from '../../core/plugin-api/index.js';

/** Above so many columns the cost of the correlation matrix is worth a warning. */
const MANY_COLUMNS = 1000;
/** The matrix and its factor, in packed halves of doubles, must fit into this many bytes. */
const MEMORY_LIMIT = 2 * 2 ** 30;

/** Columns of the copula: one for each column, one more where some cells are missing. */
function latentDimensions(schema: TableSchema, profile: DatasetProfile | null): number {
  return schema.columns.reduce((count, column, c) => {
    const missing = profile?.columns[c]?.missingFraction ?? (column.nullable ? 0.5 : 0);
    return count + 1 + (missing > 0 && missing < 1 ? 1 : 0);
  }, 0);
}

/** Bytes of the correlation matrix and of its Cholesky factor. */
function matrixBytes(dimensions: number): number {
  return 2 * 8 * ((dimensions * (dimensions + 1)) / 2);
}

export function preflight(schema: TableSchema, profile: DatasetProfile | null): readonly PreflightIssue[] {
  const dimensions = latentDimensions(schema, profile);
  const bytes = matrixBytes(dimensions);
  const figures = `${dimensions} columns of the copula need ${Math.ceil(bytes / 2 ** 20)} MiB for their correlations`;
  if (schema.columns.length === 0) {
    return [{ severity: 'error', code: 'no_columns', message: 'The table has no column to learn.' }];
  }
  if (bytes > MEMORY_LIMIT) {
    const limit = `, more than the ${MEMORY_LIMIT / 2 ** 20} MiB allowed. Leave columns out, or take the generator "independent".`;
    return [{ severity: 'error', code: 'too_many_columns', message: figures + limit }];
  }
  if (schema.columns.length <= MANY_COLUMNS) return [];
  const operations = (dimensions ** 2 / 2).toExponential(1);
  const cost = ` and ${operations} multiplications for each row that is sampled.`;
  return [{ severity: 'warning', code: 'many_columns', message: figures + cost }];
}
