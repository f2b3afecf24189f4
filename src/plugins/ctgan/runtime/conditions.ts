import {
  alternativesByColumn,
  type Condition,
  ConditionError,
  type SimpleCondition,
} from '../../../core/plugin-api/index.js';
import { WeightedChoice } from './condition-sampler.js';
import type { DiscreteEncoding } from './discrete-encoding.js';
import type { Layout } from './layout.js';
import type { NumericEncoding } from './numeric-encoding.js';
import type { TableEncoding } from './table-encoding.js';

/** What a row must have in one column. */
export type Requirement =
  | { readonly type: 'components'; readonly column: number; readonly components: WeightedChoice }
  | { readonly type: 'numbers'; readonly column: number; readonly ranges: readonly NumberRange[] };

/** Numbers within bounds, both inclusive; or missing ones. */
export type NumberRange = 'missing' | { readonly minimum: number; readonly maximum: number };

export interface ConditionPlan {
  readonly requirements: readonly Requirement[];
  /** Indices into the condition vector of which the generator is given one; null: drawn by the data's own frequencies. */
  readonly given: WeightedChoice | null;
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
  const requirements = [...alternativesByColumn(conditions)].map(([name, alternatives]) =>
    toRequirement(name, alternatives, encoding),
  );
  const told = requirements
    .flatMap((requirement) => {
      if (requirement.type !== 'components') return [];
      const { condition } = layout.segments.find((segment) => segment.column === requirement.column)!;
      return condition < 0 ? [] : [{ components: requirement.components, condition }];
    })
    .toSorted((a, b) => a.components.weight - b.components.weight)[0];
  return { requirements, given: told?.components.shifted(told.condition) ?? null };
}

function toRequirement(
  name: string,
  alternatives: readonly SimpleCondition[],
  { schemas, columns }: TableEncoding,
): Requirement {
  const column = schemas.findIndex((schema) => schema.name === name);
  if (column < 0) throw new ConditionError(name, `there is no column "${name}"`);
  const encoding = columns[column]!;
  if (encoding.type === 'numeric') {
    return { type: 'numbers', column, ranges: alternatives.map((condition) => rangeOf(condition, encoding)) };
  }
  const components = alternatives.map((condition) => componentOf(condition, encoding));
  const counts = components.map((component) => encoding.counts[component]!);
  return { type: 'components', column, components: new WeightedChoice(components, counts) };
}

function componentOf(condition: SimpleCondition, { categories }: DiscreteEncoding): number {
  const { column: name } = condition;
  if (!('value' in condition)) {
    throw new ConditionError(name, `"${name}" has categories: give a value, not bounds`);
  }
  const wanted = typeof condition.value === 'boolean' ? Number(condition.value) : condition.value;
  const component = categories.indexOf(wanted);
  if (component >= 0) return component;
  throw new ConditionError(name, `"${name}" never was ${JSON.stringify(condition.value)} in training`);
}

function rangeOf(condition: SimpleCondition, { range, hasMissing }: NumericEncoding): NumberRange {
  const { column: name } = condition;
  let { minimum = -Infinity, maximum = Infinity } = 'value' in condition ? {} : condition;
  if ('value' in condition) {
    const { value } = condition;
    if (value === null && hasMissing) return 'missing';
    if (value === null) throw new ConditionError(name, `"${name}" had no missing values in training`);
    minimum = maximum = Number(value);
    if (Number.isNaN(minimum)) throw new ConditionError(name, `"${name}" is numeric, ${JSON.stringify(value)} is not`);
  }
  if (range === null) throw new ConditionError(name, `all values of "${name}" were missing in training`);
  if (maximum < minimum) throw new ConditionError(name, `the bounds of "${name}" are the wrong way round`);
  if (maximum < range[0] || minimum > range[1]) {
    throw new ConditionError(name, `"${name}" was between ${range[0]} and ${range[1]} in training`);
  }
  return { minimum, maximum };
}
