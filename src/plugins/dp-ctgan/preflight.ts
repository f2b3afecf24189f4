import type { ColumnSchema, DatasetProfile, PreflightIssue, TableSchema } from '../../core/plugin-api/index.js';
import type { DpCtganConfig } from './config.js';
import { expectedCountError, USEFUL_SHARE } from './usefulness.js';

/** Only declared facts are looked at: a profile was read from the rows, so it is no business of this plugin. */
export function preflight(
  schema: TableSchema,
  _profile: DatasetProfile | null,
  config: DpCtganConfig,
): readonly PreflightIssue[] {
  return [...checkColumns(schema), ...checkUsefulness(schema, config)];
}

function checkColumns({ columns }: TableSchema): PreflightIssue[] {
  if (columns.length === 0) {
    return [{ severity: 'error', code: 'no_columns', message: 'there is no column to learn' }];
  }
  return columns.flatMap(checkDeclaration);
}

function checkDeclaration({ name, bounds, categories }: ColumnSchema): PreflightIssue[] {
  const issue = (code: string, message: string): PreflightIssue => ({ severity: 'error', code, message, column: name });
  if (bounds && !(bounds[0] <= bounds[1])) {
    return [issue('bounds_reversed', `column "${name}": the declared minimum is above the maximum`)];
  }
  if (categories && (categories.length === 0 || categories.length >= 65_000)) {
    return [
      issue('categories_count', `column "${name}": ${categories.length} categories are declared; 1 to 65000 will do`),
    ];
  }
  return [];
}

function checkUsefulness({ columns }: TableSchema, config: DpCtganConfig): PreflightIssue[] {
  if (config.row_count === null || columns.length === 0) return [];
  const error = expectedCountError(config.epsilon * config.encoding_share, config.row_count, columns.length);
  const share = error / config.row_count;
  if (share <= USEFUL_SHARE) return [];
  const message =
    `with epsilon ${config.epsilon} and ${config.row_count} rows, noise moves each count by about ${Math.round(error)} rows ` +
    `(${(100 * share).toPrecision(2)} %): the model will hardly know the data. More rows, a larger epsilon or fewer columns help`;
  return [{ severity: 'warning', code: 'too_noisy', message }];
}
