import { CODED_KINDS, type ColumnSchema, type Condition, ConditionError } from '../../../../core/plugin-api/index.js';

/** What all conditions on one column say together. */
export type Requirement =
  | { readonly type: 'missing' }
  | { readonly type: 'category'; readonly category: string }
  | { readonly type: 'range'; readonly low: number; readonly high: number };

/**
 * One requirement for each column that is named.
 * @throws ConditionError for an unknown column, a value of another kind, or conditions that exclude one another.
 */
export function requirementsOf(
  conditions: readonly Condition[],
  schemas: readonly ColumnSchema[],
): Map<number, Requirement> {
  const requirements = new Map<number, Requirement>();
  for (const condition of conditions) {
    const column = schemas.findIndex(({ name }) => name === condition.column);
    if (column < 0) throw new ConditionError(condition.column, `There is no column "${condition.column}"`);
    const requirement = requirementOf(condition, schemas[column]!);
    const earlier = requirements.get(column);
    requirements.set(column, earlier === undefined ? requirement : both(earlier, requirement, condition.column));
  }
  return requirements;
}

function requirementOf(condition: Condition, { name, kind }: ColumnSchema): Requirement {
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

function both(a: Requirement, b: Requirement, column: string): Requirement {
  if (a.type === 'range' && b.type === 'range') {
    const low = Math.max(a.low, b.low);
    const high = Math.min(a.high, b.high);
    if (low <= high) return { type: 'range', low, high };
  }
  if (a.type === 'missing' && b.type === 'missing') return a;
  if (a.type === 'category' && b.type === 'category' && a.category === b.category) return a;
  throw new ConditionError(column, `The conditions on the column "${column}" exclude one another`);
}
