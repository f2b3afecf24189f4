import type { DatasetProfile, PreflightIssue, TableSchema } from '../../core/plugin-api/index.js';
import type { CtganConfig } from './config.js';
import { estimateMemory, MEMORY_LIMIT_BYTES } from './memory.js';

/** What would go wrong, found before training starts. */
export function preflight(
  schema: TableSchema,
  profile: DatasetProfile | null,
  config: CtganConfig,
): readonly PreflightIssue[] {
  const issues: PreflightIssue[] = [];
  if (config.batch_size % config.pac !== 0) {
    const message = `batch_size ${config.batch_size} is not divisible by pac ${config.pac}: the critic judges rows in whole packs`;
    issues.push({ severity: 'error', code: 'batch_size_not_divisible', message, configKey: 'batch_size' });
  }
  if (schema.columns.length === 0) {
    issues.push({ severity: 'error', code: 'no_columns', message: 'there is no column to learn' });
  }
  if (profile !== null) issues.push(...checkMemory(schema, profile, config));
  return issues;
}

function checkMemory(schema: TableSchema, profile: DatasetProfile, config: CtganConfig): PreflightIssue[] {
  const { bytes, widest } = estimateMemory(schema, profile, config);
  if (bytes <= MEMORY_LIMIT_BYTES) return [];
  const message =
    `training needs about ${gigabytes(bytes)} of memory, more than ${gigabytes(MEMORY_LIMIT_BYTES)}; the widest column is ` +
    `"${widest.name}" with ${widest.values} values: leave it out or merge its rare values, or lower pac, batch_size or discriminator_dim`;
  return [{ severity: 'error', code: 'table_too_wide', message, column: widest.name }];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
