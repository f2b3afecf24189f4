/** Null is missing; a datetime is milliseconds since the epoch, UTC. */
export type ConditionCell = string | number | boolean | null;

/** A column held at one value, or a numeric or datetime one within bounds, both inclusive. */
export type SimpleCondition =
  | { readonly column: string; readonly value: ConditionCell }
  | { readonly column: string; readonly minimum?: number; readonly maximum?: number };

/**
 * What every row must meet. A list of two or more different values is met by each of them: which one a row holds is drawn
 * as the model draws it, given the other conditions. Plugins take lists where their capabilities say so.
 */
export type Condition =
  SimpleCondition | { readonly column: string; readonly values: readonly [ConditionCell, ...ConditionCell[]] };

/** A condition names an unknown column, or a value that the training rows do not have. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  constructor(
    readonly column: string,
    message: string,
  ) {
    super(message);
  }
}

/** The conditions of which a row must meet one. */
export function alternativesOf(condition: Condition): readonly SimpleCondition[] {
  if (!('values' in condition)) return [condition];
  return condition.values.map((value) => ({ column: condition.column, value }));
}

/**
 * All conditions on a column taken together, by its name: those of which a row must meet one. Two or more are single values,
 * all different.
 * @throws ConditionError where the conditions on a column exclude one another.
 */
export function alternativesByColumn(
  conditions: readonly Condition[],
): ReadonlyMap<string, readonly [SimpleCondition, ...SimpleCondition[]]> {
  const result = new Map<string, readonly [SimpleCondition, ...SimpleCondition[]]>();
  for (const condition of conditions) {
    const { column } = condition;
    const own = alternativesOf(condition);
    const [first, ...rest] = result.get(column)?.flatMap((a) => own.flatMap((b) => both(a, b))) ?? own;
    if (first === undefined) {
      throw new ConditionError(column, `The conditions on the column "${column}" exclude one another`);
    }
    result.set(column, [first, ...rest]);
  }
  return result;
}

/** None where no cell meets both. */
function both(a: SimpleCondition, b: SimpleCondition): readonly SimpleCondition[] {
  if ('value' in a) return meets(a.value, b) ? [a] : [];
  if ('value' in b) return meets(b.value, a) ? [b] : [];
  const minimum = Math.max(a.minimum ?? -Infinity, b.minimum ?? -Infinity);
  const maximum = Math.min(a.maximum ?? Infinity, b.maximum ?? Infinity);
  return minimum <= maximum ? [{ column: a.column, minimum, maximum }] : [];
}

function meets(cell: ConditionCell, condition: SimpleCondition): boolean {
  if ('value' in condition) return cell === condition.value;
  const { minimum = -Infinity, maximum = Infinity } = condition;
  return typeof cell === 'number' && cell >= minimum && cell <= maximum;
}
