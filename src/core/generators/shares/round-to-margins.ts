import { JointTable } from './joint-table.js';
import { roundTwoWay } from './round-two-way.js';

/** Why margins cannot be met: rows with one of these combinations have these values of another axis alone, which are to be fewer. */
export interface MarginConflict {
  /** The axes whose values the combinations are of, in their order. */
  readonly axes: readonly number[];
  readonly combinations: readonly (readonly number[])[];
  readonly axis: number;
  readonly values: readonly number[];
}

/**
 * Whole numbers near to a table, with exactly the margins that are wished. The axes are taken in one after the other: each
 * time, what the axes before have been rounded to is divided among the values of the next. Two axes are met whenever they
 * can be; of more, another order of the axes is tried where one leads nowhere.
 * @param fitted has about these margins. @param joint zero where nothing may stand. @param targets whole numbers by axis and value.
 */
export function roundToMargins(
  fitted: JointTable,
  joint: JointTable,
  targets: readonly ArrayLike<number>[],
): JointTable | MarginConflict {
  const axes = [...fitted.sizes.keys()];
  let conflict: MarginConflict | null = null;
  for (const shift of axes.length > 2 ? axes : [0]) {
    const order = [...axes.slice(shift), ...axes.slice(0, shift)];
    const rounded = roundInOrder(fitted, joint, targets, order);
    if (rounded instanceof JointTable) return rounded;
    conflict ??= rounded;
  }
  return conflict!;
}

function roundInOrder(
  fitted: JointTable,
  joint: JointTable,
  targets: readonly ArrayLike<number>[],
  order: readonly number[],
): JointTable | MarginConflict {
  const [wished, support] = [fitted.reordered(order), joint.reordered(order)];
  let rounded = new JointTable([wished.sizes[0]!], Float64Array.from(targets[order[0]!]!));
  for (let k = 1; k < order.length; k++) {
    const { cells } = wished.leading(k + 1);
    const table = new JointTable([rounded.cells.length, wished.sizes[k]!], cells);
    const counts = roundTwoWay(table, support.leading(k + 1).cells, rounded.cells, targets[order[k]!]!);
    if ('rows' in counts) {
      const combinations = counts.rows.map((row) => rounded.valuesOf(row));
      return { axes: order.slice(0, k), combinations, axis: order[k]!, values: counts.columns };
    }
    rounded = new JointTable(wished.sizes.slice(0, k + 1), counts);
  }
  return rounded.reordered(order.map((_, axis) => order.indexOf(axis)));
}
