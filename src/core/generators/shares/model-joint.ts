import {
  type Column,
  type ColumnSchema,
  type FittedModel,
  isCoded,
  type RunContext,
  type SampleRequest,
  type SimpleCondition,
} from '../../plugin-api/index.js';
import { JointTable } from './joint-table.js';
import { poolStrata } from './pool-strata.js';

/** Rows drawn to learn how often values go together, divided among the values. */
const PILOT_ROWS = 2 ** 13;
const FEWEST_PILOT_ROWS = 128;
/** Of how often values would meet if they had nothing to do with one another: what is rarer a model only fails to rule out. */
const LEAST_LIFT = 0.01;

/** Values of a column, each as the condition that holds it. */
export interface ListedColumn {
  readonly column: string;
  readonly values: readonly Extract<SimpleCondition, { value: unknown }>[];
}

/**
 * How often a model has each combination of listed values, under conditions on other columns: from rows that it draws, as
 * many with each value held, since rare ones are what shares are set for. Zero for combinations that it has next to never.
 * @param columns of the model's rows. @param contextOf the context of each of the draws.
 */
export async function jointOfModel(
  model: FittedModel,
  { batchSize, conditions = [] }: SampleRequest,
  listed: readonly ListedColumn[],
  columns: readonly ColumnSchema[],
  contextOf: (draw: number) => RunContext,
): Promise<JointTable> {
  const counts = new JointTable(listed.map(({ values }) => values.length));
  const strata = listed.reduce((sum, { values }) => sum + values.length, 0);
  const rowCount = Math.max(FEWEST_PILOT_ROWS, Math.ceil(PILOT_ROWS / strata));
  const places = listed.map(({ column }) => columns.findIndex(({ name }) => name === column));
  let draw = 0;
  for (const own of listed) {
    for (const value of own.values) {
      const others = listed.filter((other) => other !== own).map(oneOf);
      const context = contextOf(draw++);
      const request = { rowCount, batchSize, conditions: [...conditions, value, ...others] };
      for await (const batch of model.sample(request, context)) {
        const read = listed.map(({ values }, axis) => valueReader(batch.columns[places[axis]!]!, values));
        for (let row = 0; row < batch.rowCount; row++)
          counts.cells[counts.cellOf(read.map((valueAt) => valueAt(row)))]!++;
        await context.tick();
      }
    }
  }
  const drawn = listed.map(({ values }) => values.map(() => rowCount));
  return withoutStrays(poolStrata(counts, drawn));
}

function withoutStrays(joint: JointTable): JointTable {
  const margins = joint.sizes.map((_, axis) => joint.margin(axis));
  const expected = (cell: number) => joint.valuesOf(cell).reduce((p, value, axis) => p * margins[axis]![value]!, 1);
  return new JointTable(
    joint.sizes,
    joint.cells.map((weight, cell) => (weight < LEAST_LIFT * expected(cell) ? 0 : weight)),
  );
}

function oneOf({ column, values: [first, ...rest] }: ListedColumn) {
  return rest.length === 0 ? first! : { column, values: [first!.value, ...rest.map(({ value }) => value)] as const };
}

/** Tells the place of a row's cell among the values. */
function valueReader(column: Column, values: ListedColumn['values']): (row: number) => number {
  const cellOf = ({ value }: (typeof values)[number]): number => {
    if (isCoded(column)) return value === null ? -1 : column.dictionary.indexOf(String(value));
    return value === null ? NaN : Number(value);
  };
  // A Map finds NaN.
  const places = new Map(values.map((value, place) => [cellOf(value), place]));
  return (row) => places.get(isCoded(column) ? column.codes[row]! : column.values[row]!)!;
}
