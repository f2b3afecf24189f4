import { type FieldError, invalid } from '../errors/index.js';
import type { AnyGeneratorPlugin, DatasetProfile, PreflightIssue, TableSchema } from '../plugin-api/index.js';

/** What a generator says of a table before anything starts: errors are thrown, each with its field; warnings returned. */
export function preflight(
  plugin: AnyGeneratorPlugin,
  schema: TableSchema,
  profile: DatasetProfile | null,
  config: unknown,
): PreflightIssue[] {
  const { columnKinds, missingValues } = plugin.capabilities;
  const issues: PreflightIssue[] = schema.columns
    .filter((column) => !columnKinds.includes(column.kind) || (column.nullable && !missingValues))
    .map((column) => ({
      severity: 'error',
      code: 'unsupported_column',
      column: column.name,
      message: columnKinds.includes(column.kind)
        ? `${plugin.title} takes no missing values, and "${column.name}" has some`
        : `${plugin.title} takes no ${column.kind} columns, and "${column.name}" is one`,
    }));
  if (schema.columns.length === 0) {
    issues.push({ severity: 'error', code: 'nothing_to_learn', message: 'The table has no column to learn' });
  }
  issues.push(...(plugin.preflight?.(schema, profile, config as never) ?? []));
  const errors = issues.filter((issue) => issue.severity === 'error');
  if (errors.length === 0) return issues;
  throw invalid(
    ...errors.map((issue): FieldError => ({
      field: fieldOf(issue),
      message: issue.message,
      code: 'invalid_choice',
    })),
  );
}

function fieldOf({ column, configKey }: PreflightIssue): string {
  if (column !== undefined) return `columns.${column}`;
  return configKey === undefined ? 'config' : `config.${configKey}`;
}
