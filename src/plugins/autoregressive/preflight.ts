import type { DatasetProfile, PreflightIssue, TableSchema } from '../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from './config.js';

/** Weights between columns grow as the square of their number: at 2,000 columns they take about 2 GiB with their moments. */
const MOST_COLUMNS = 1500;
const MANY_COLUMNS = 500;

/** What would go wrong, found before training starts. */
export function preflight(
  schema: TableSchema,
  profile: DatasetProfile | null,
  config: AutoregressiveConfig,
): readonly PreflightIssue[] {
  const count = schema.columns.length;
  if (count === 0) {
    return [{ severity: 'error', code: 'no_columns', message: 'The table has no column to learn.' }];
  }
  if (count > MOST_COLUMNS) {
    const message = `The table has ${count} columns, more than the ${MOST_COLUMNS} that this generator takes. Leave columns out, or take the generator "independent".`;
    return [{ severity: 'error', code: 'too_many_columns', message }];
  }
  const issues = profile === null ? [] : warnOfRareCategories(schema, profile, config);
  if (count <= MANY_COLUMNS) return issues;
  const message = `${count} columns make training slow: its cost grows as the square of their number.`;
  return [...issues, { severity: 'warning', code: 'many_columns', message }];
}

/** More categories than could each have the rows that make one frequent enough. */
function warnOfRareCategories(
  schema: TableSchema,
  { rowCount, columns }: DatasetProfile,
  { rare_category_rows: rows }: AutoregressiveConfig,
): PreflightIssue[] {
  return schema.columns.flatMap(({ name, kind }, c): PreflightIssue[] => {
    const { distinctCount } = columns[c]!;
    if (kind !== 'categorical' || distinctCount < 2 || distinctCount * rows <= rowCount) return [];
    const message = `Many of the ${distinctCount} categories of "${name}" are held by fewer than ${rows} rows, and will not be generated.`;
    return [{ severity: 'warning', code: 'rare_categories', message, column: name }];
  });
}
