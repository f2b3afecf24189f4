import { StudioError } from '../../core/errors/index.js';

/** The services speak of fields as REST writes them; these are the ones that GraphQL calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = { num_rows: 'rowCount', evaluation_ids: 'ids' };
/** What follows in the path is the name of a column, which is nobody's to rewrite. */
const COLUMN_NAMES_FOLLOW = new Set(['conditions', 'distribution', 'columns']);

/** `dataset_id` is called `datasetId` here. */
export function camelCase(text: string): string {
  return text.replace(/[_-]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Names the fields of an error as the caller wrote them; `configPath` stands for the path of the plugin's config. */
export function renameFields(
  error: StudioError,
  configPath?: (path: readonly string[]) => readonly string[],
): StudioError {
  if (error.fields.length === 0) return error;
  const fields = error.fields.map((entry) => ({ ...entry, field: rename(entry.field, configPath) }));
  return new StudioError(error.type, error.message, {
    fields,
    ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
  });
}

function rename(field: string, configPath?: (path: readonly string[]) => readonly string[]): string {
  const path = field.split('.');
  if (COLUMN_NAMES_FOLLOW.has(path[0]!)) return field;
  const placed = path.includes('config') && configPath !== undefined ? configPath(path) : path;
  return placed.map((part) => RENAMED[part] ?? camelCase(part)).join('.');
}
