import type { ColumnSchema } from '../../../../core/plugin-api/index.js';
import { type Field, stretchCount } from '../coding/field.js';
import type { Layout } from './layout.js';

/** Logit of a token that is never drawn. */
const NEVER = -1e4;

/**
 * Tokens that are learned, so that the rest is learned right, but never drawn: rare categories, and missing cells of a column
 * that has none any more.
 */
export function forbiddenTokens(
  layout: Layout,
  fields: readonly Field[],
  schemas: readonly ColumnSchema[],
): readonly number[] {
  return fields.flatMap((field, f) => {
    const { column, rare, missing } = field;
    const isWhole = missing >= 0 && !schemas[column]!.nullable && stretchCount(field) > 0;
    return [rare, isWhole ? missing : -1].filter((token) => token >= 0).map((token) => layout.offsets[f]! + token);
  });
}

/** Base logits of which the forbidden ones are as good as nothing. */
export function withoutForbidden(base: Float32Array, forbidden: readonly number[]): Float32Array {
  const allowed = base.slice();
  for (const token of forbidden) allowed[token] = NEVER;
  return allowed;
}
