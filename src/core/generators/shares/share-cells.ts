import {
  type ColumnSchema,
  ConditionError,
  type FittedModel,
  type RunContext,
  type SampleRequest,
  type SimpleCondition,
} from '../../plugin-api/index.js';
import { apportion, type Distribution } from '../distribution.js';
import { fitMargins } from './fit-margins.js';
import { JointTable } from './joint-table.js';
import { jointOfModel, type ListedColumn } from './model-joint.js';
import { type MarginConflict, roundToMargins } from './round-to-margins.js';

/** So many rows that meet these conditions. */
export interface ShareCell {
  readonly conditions: readonly SimpleCondition[];
  readonly count: number;
}

interface WishedColumn extends ListedColumn {
  /** By value: how many rows are to hold it; none of them zero. */
  readonly counts: readonly number[];
}

/**
 * How many rows hold each combination of the values of a distribution: so that the shares of each column are met to the row,
 * and values go together as nearly as in the model.
 * @throws ConditionError where the model never has the combinations that this would take.
 */
export async function shareCells(
  model: FittedModel,
  request: SampleRequest,
  distribution: Distribution,
  columns: readonly ColumnSchema[],
  contextOf: (draw: number) => RunContext,
): Promise<ShareCell[]> {
  const wished = distribution.map((margin) => wishedColumn(margin, request.rowCount));
  const targets = wished.map(({ counts }) => counts);
  const sizes = targets.map(({ length }) => length);
  // With one value each, all rows are of one kind.
  const hasChoice = sizes.filter((size) => size > 1).length > 1;
  const joint = hasChoice
    ? await jointOfModel(model, request, wished, columns, contextOf)
    : new JointTable(sizes, new Float64Array(Math.max(...sizes)).fill(1));
  const rounded = roundToMargins(fitMargins(joint, targets), joint, targets);
  if (!(rounded instanceof JointTable)) throw conflictError(rounded, wished, columns, request.rowCount);
  return Array.from(rounded.cells, (count, cell) => {
    return { conditions: wished.map(({ values }, axis) => values[rounded.valueOf(cell, axis)]!), count };
  }).filter(({ count }) => count > 0);
}

function wishedColumn({ column, groups }: Distribution[number], rowCount: number): WishedColumn {
  const counts = apportion(
    rowCount,
    groups.map(({ share }) => share),
  );
  const kept = [...counts.keys()].filter((g) => counts[g]! > 0);
  return { column, values: kept.map((g) => groups[g]!.condition), counts: kept.map((g) => counts[g]!) };
}

const MOST_NAMED = 5;

function conflictError(
  { axes, combinations, axis, values }: MarginConflict,
  wished: readonly WishedColumn[],
  columns: readonly ColumnSchema[],
  rowCount: number,
): ConditionError {
  const isTime = wished.map((own) => columns.some(({ name, kind }) => name === own.column && kind === 'datetime'));
  const nameOf = (of: number, place: number) => {
    const { value } = wished[of]!.values[place]!;
    return JSON.stringify(isTime[of] && value !== null ? new Date(Number(value)) : value);
  };
  const { column, counts } = wished[axis]!;
  const rows = combinations.map((combination) => combination.map((value, k) => nameOf(axes[k]!, value)).join(' and '));
  const named = listed(axes.map((k) => `"${wished[k]!.column}"`));
  const room = values.reduce((sum, value) => sum + counts[value]!, 0);
  const only =
    values.length === 0
      ? `have none of the listed values of "${column}"`
      : `have "${column}" ${listed(values.map((value) => nameOf(axis, value)))} only, which ${room} of the ${rowCount} rows are to have`;
  return new ConditionError(
    column,
    `These shares cannot be met together: in this model rows with ${named} ${listed(rows)} ${only}`,
  );
}

function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? [`${names.length - MOST_NAMED} more`] : [];
  return [...names.slice(0, MOST_NAMED), ...more].join(', ');
}
