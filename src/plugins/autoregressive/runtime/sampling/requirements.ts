import {
  alternativesByColumn,
  CODED_KINDS,
  type ColumnSchema,
  type Condition,
  ConditionError,
  type SimpleCondition,
} from '../../../../core/plugin-api/index.js';

/** What a condition says of a column. */
export type Requirement =
  | { readonly type: 'missing' }
  | { readonly type: 'category'; readonly category: string }
  | { readonly type: 'range'; readonly low: number; readonly high: number };

/**
 * By column that is named: the requirements of which a row must meet one. Two or more are single values, all different.
 * @throws ConditionError for an unknown column, a value of another kind, or conditions that exclude one another.
 */
export function requirementsOf(
  conditions: readonly Condition[],
  schemas: readonly ColumnSchema[],
): Map<number, readonly Requirement[]> {
  const requirements = new Map<number, readonly Requirement[]>();
  for (const [name, alternatives] of alternativesByColumn(conditions)) {
    const column = schemas.findIndex((schema) => schema.name === name);
    if (column < 0) throw new ConditionError(name, `There is no column "${name}"`);
    requirements.set(
      column,
      alternatives.map((condition) => requirementOf(condition, schemas[column]!)),
    );
  }
  return requirements;
}

function requirementOf(condition: SimpleCondition, { name, kind }: ColumnSchema): Requirement {
  const isCoded = CODED_KINDS.has(kind);
  if (!('value' in condition)) {
    if (isCoded) throw new ConditionError(name, `The column "${name}" has categories and so no range`);
    const { minimum = -Infinity, maximum = Infinity } = condition;
    if (!(minimum <= maximum)) throw new ConditionError(name, `The bounds of "${name}" are the wrong way round`);
    return { type: 'range', low: minimum, high: maximum };
  }
  const { value } = condition;
  if (value === null) return { type: 'missing' };
  if (isCoded) return { type: 'category', category: String(value) };
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new ConditionError(name, `The column "${name}" holds numbers, not ${JSON.stringify(value)}`);
  }
  return { type: 'range', low: number, high: number };
}
