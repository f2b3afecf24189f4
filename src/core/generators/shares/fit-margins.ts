import { JointTable } from './joint-table.js';

const MOST_SWEEPS = 1000;
/** Of the rows: rounding to whole ones needs no more. */
const TOLERANCE = 1e-9;

/**
 * Iterative proportional fitting (Deming and Stephan, 1940): scales a table, axis after axis, until its margins are the wished
 * ones. The limit is the table of these margins that is nearest to the given one by relative entropy (Csiszár, 1975); cells of
 * zero stay so. Where no such table has the margins, those of the last axis come out alone.
 * @param targets by axis and value; the same sum for each axis.
 */
export function fitMargins(joint: JointTable, targets: readonly ArrayLike<number>[]): JointTable {
  const fitted = new JointTable(joint.sizes, joint.cells.slice());
  const total = Array.from(targets[0]!).reduce((sum, target) => sum + target, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let furthest = 0;
    targets.forEach((target, axis) => {
      const sums = fitted.margin(axis);
      const factors = sums.map((sum, value) => (sum > 0 ? target[value]! / sum : 0));
      sums.forEach((sum, value) => (furthest = Math.max(furthest, Math.abs(sum - target[value]!))));
      fitted.cells.forEach((weight, cell) => (fitted.cells[cell] = weight * factors[fitted.valueOf(cell, axis)]!));
    });
    if (furthest <= TOLERANCE * total) break;
  }
  return fitted;
}
