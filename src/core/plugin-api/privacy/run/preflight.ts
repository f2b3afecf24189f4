import type { PreflightIssue } from '../../generator.js';
import type { ColumnSchema, DatasetProfile, TableSchema } from '../../tables.js';
import type { PrivacyConfig } from './config-keys.js';
import { expectedCountError, USEFUL_SHARE } from './usefulness.js';

/** Only declared facts are looked at: a profile was read from the rows, so it is no business of a private generator. */
export function privatePreflight(
  schema: TableSchema,
  _profile: DatasetProfile | null,
  config: PrivacyConfig,
): readonly PreflightIssue[] {
  return [...checkColumns(schema), ...checkUsefulness(schema, config)];
}

function checkColumns({ columns }: TableSchema): PreflightIssue[] {
  if (columns.length === 0) {
    return [{ severity: 'error', code: 'no_columns', message: 'there is no column to learn' }];
  }
  const declared = columns.reduce((sum, { categories }) => sum + (categories?.length ?? 0), 0);
  return [...columns.flatMap(checkDeclaration), ...checkWidth(declared)];
}

/** A batch is held with a number for each category. */
const MOST_CATEGORIES = 20_000;

function checkWidth(declared: number): PreflightIssue[] {
  if (declared <= MOST_CATEGORIES) return [];
  const message = `${declared} categories are declared in all, more than ${MOST_CATEGORIES}: declare fewer, or none and let the frequent ones be found`;
  return [{ severity: 'error', code: 'table_too_wide', message }];
}

function checkDeclaration({ name, bounds, categories }: ColumnSchema): PreflightIssue[] {
  const issue = (code: string, message: string): PreflightIssue => ({ severity: 'error', code, message, column: name });
  if (bounds && !(bounds[0] <= bounds[1])) {
    return [issue('bounds_reversed', `column "${name}": the declared minimum is above the maximum`)];
  }
  if (categories && categories.length === 0) {
    return [issue('no_categories', `column "${name}": an empty list of categories is declared`)];
  }
  return [];
}

function checkUsefulness({ columns }: TableSchema, config: PrivacyConfig): PreflightIssue[] {
  if (config.row_count === null || columns.length === 0) return [];
  const error = expectedCountError(config.epsilon * config.encoding_share, config.row_count, columns.length);
  const share = error / config.row_count;
  if (share <= USEFUL_SHARE) return [];
  const message =
    `with epsilon ${config.epsilon} and ${config.row_count} rows, noise moves each count by about ${Math.round(error)} rows ` +
    `(${(100 * share).toPrecision(2)} %): the model will hardly know the data. More rows, a larger epsilon or fewer columns help`;
  return [{ severity: 'warning', code: 'too_noisy', message }];
}
