import { type Condition, ConditionError } from '../../../core/plugin-api/index.js';
import type { DiscreteEncoding } from './discrete-encoding.js';
import type { Layout } from './layout.js';
import type { NumericEncoding } from './numeric-encoding.js';
import type { ColumnEncoding, TableEncoding } from './table-encoding.js';

/** What a row must have in one column: a component (discrete columns), or a number within bounds or missing. */
export type Requirement =
  | { readonly type: 'component'; readonly column: number; readonly component: number }
  | { readonly type: 'range'; readonly column: number; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'missing'; readonly column: number };

export interface ConditionPlan {
  readonly requirements: readonly Requirement[];
  /** Index into the condition vector that the generator is given; null: drawn by the data's own frequencies. */
  readonly given: number | null;
}

/**
 * Turns conditions into requirements. The generator is told the rarest discrete one; all are checked on the rows.
 * @throws ConditionError for an unknown column, or a value that the training rows do not have.
 */
export function planConditions(
  conditions: readonly Condition[],
  encoding: TableEncoding,
  layout: Layout,
): ConditionPlan {
  const requirements = conditions.map((condition) => toRequirement(condition, encoding));
  const told = requirements
    .filter((requirement) => requirement.type === 'component')
    .map(({ column, component }) => {
      const { condition } = layout.segments.find((segment) => segment.column === column)!;
      const count = (encoding.columns[column] as DiscreteEncoding).counts[component]!;
      return { count, index: condition < 0 ? null : condition + component };
    })
    .filter(({ index }) => index !== null)
    .toSorted((a, b) => a.count - b.count);
  return { requirements, given: told[0]?.index ?? null };
}

function toRequirement(condition: Condition, { schemas, columns }: TableEncoding): Requirement {
  const column = schemas.findIndex((schema) => schema.name === condition.column);
  if (column < 0) throw new ConditionError(condition.column, `there is no column "${condition.column}"`);
  const encoding = columns[column]!;
  if ('value' in condition) return valueRequirement(condition, column, encoding);
  const { minimum = -Infinity, maximum = Infinity } = condition;
  if (encoding.type === 'discrete') {
    throw new ConditionError(condition.column, `"${condition.column}" has categories: give a value, not bounds`);
  }
  return rangeRequirement(condition.column, column, encoding, minimum, maximum);
}

function valueRequirement(
  { column: name, value }: Extract<Condition, { value: unknown }>,
  column: number,
  encoding: ColumnEncoding,
): Requirement {
  if (encoding.type === 'discrete') {
    const wanted = typeof value === 'boolean' ? Number(value) : value;
    const component = encoding.categories.findIndex((category) => category === wanted);
    if (component < 0) throw new ConditionError(name, `"${name}" never was ${JSON.stringify(value)} in training`);
    return { type: 'component', column, component };
  }
  if (value === null) {
    if (!encoding.hasMissing) throw new ConditionError(name, `"${name}" had no missing values in training`);
    return { type: 'missing', column };
  }
  const number = Number(value);
  if (Number.isNaN(number)) throw new ConditionError(name, `"${name}" is numeric, ${JSON.stringify(value)} is not`);
  return rangeRequirement(name, column, encoding, number, number);
}

function rangeRequirement(
  name: string,
  column: number,
  { range }: NumericEncoding,
  minimum: number,
  maximum: number,
): Requirement {
  if (range === null) throw new ConditionError(name, `all values of "${name}" were missing in training`);
  if (maximum < minimum) throw new ConditionError(name, `the bounds of "${name}" are the wrong way round`);
  if (maximum < range[0] || minimum > range[1]) {
    throw new ConditionError(name, `"${name}" was between ${range[0]} and ${range[1]} in training`);
  }
  return { type: 'range', column, minimum, maximum };
}
