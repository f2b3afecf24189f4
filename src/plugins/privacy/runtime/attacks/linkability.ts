import type { RunContext } from '../../../../core/plugin-api/index.js';
import { findNearest } from '../distance/nearest.js';
import type { SpaceRows } from '../distance/row-space.js';
import { drawPlaced, type Release } from '../release.js';
import { type Attempt, countedResult, failed, whyNoAttack } from './attack-result.js';

/**
 * Two parties each know one half of a person's columns (every other one). The link succeeds when the released row nearest
 * to either half is the same (Giomi et al., PoPETS 2023, with one neighbour).
 */
export async function attackByLinking(
  { released, training, control, space }: Release,
  attacks: number,
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<Attempt> {
  const reason = whyNoAttack(released.table.rowCount, training.table.rowCount, control?.table.rowCount ?? null);
  if (reason !== null) return failed(reason);
  if (space.columnCount < 2) return failed('Two halves of a row need at least two columns');
  const halves = [0, 1].map((parity) => everyOther(released.rows, parity)) as [SpaceRows, SpaceRows];
  const count = async (people: SpaceRows) => {
    const one = await findNearest(everyOther(people, 0), halves[0], context);
    const two = await findNearest(everyOther(people, 1), halves[1], context);
    return one.row.reduce((sum, row, person) => sum + (row === two.row[person] ? 1 : 0), 0);
  };
  const members = drawPlaced(training, attacks, space, context.seed, 'privacy.linking.training');
  const others = drawPlaced(control!, attacks, space, context.seed, 'privacy.linking.control');
  return {
    result: countedResult(
      { attacks: members.table.rowCount, successes: await count(members.rows) },
      { attacks: others.table.rowCount, successes: await count(others.rows) },
    ),
  };
}

/** Every other column, counted over discrete and numeric ones together, so that the halves are of one size. */
function everyOther({ rowCount, codes, numbers }: SpaceRows, parity: number): SpaceRows {
  const codeCount = rowCount === 0 ? 0 : codes.length / rowCount;
  const numberCount = rowCount === 0 ? 0 : numbers.length / rowCount;
  const keptCodes = positions(codeCount, 0, parity);
  const keptNumbers = positions(numberCount, codeCount, parity);
  const someCodes = new Int32Array(rowCount * keptCodes.length);
  const someNumbers = new Float64Array(rowCount * keptNumbers.length);
  for (let row = 0; row < rowCount; row++) {
    keptCodes.forEach((c, i) => (someCodes[row * keptCodes.length + i] = codes[row * codeCount + c]!));
    keptNumbers.forEach((c, i) => (someNumbers[row * keptNumbers.length + i] = numbers[row * numberCount + c]!));
  }
  return { rowCount, codes: someCodes, numbers: someNumbers };
}

function positions(count: number, offset: number, parity: number): number[] {
  return Array.from({ length: count }, (_, c) => c).filter((c) => (c + offset) % 2 === parity);
}
