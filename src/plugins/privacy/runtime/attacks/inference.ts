import { columnNamed, isCoded, type RunContext, type WholeTable } from '../../../../core/plugin-api/index.js';
import { findNearestWithoutEach } from '../distance/nearest-without.js';
import { drawPlaced, type PlacedTable, type Release } from '../release.js';
import { type Attempt, countedResult, failed, whyNoAttack } from './attack-result.js';

export interface InferenceAttempt {
  readonly column: string;
  readonly attempt: Attempt;
}

/** Part of a date's training range up to which a guessed date is right: a relative error has no meaning for dates. */
const DATE_TOLERANCE = 0.01;

/**
 * The attacker knows all columns of a person but one, and guesses it from the released row nearest in the others (Giomi et
 * al., PoPETS 2023). Categories must be right; numbers within a relative tolerance.
 */
export async function attackByInference(
  release: Release,
  secrets: readonly string[],
  options: { readonly attacks: number; readonly tolerance: number },
  context: Pick<RunContext, 'seed' | 'tick'>,
): Promise<InferenceAttempt[]> {
  const { released, training, control, space } = release;
  const rows = [released.table.rowCount, training.table.rowCount, control?.table.rowCount ?? null] as const;
  const reason = whyNoAttack(...rows) ?? (space.columnCount < 2 ? 'There is no other column to guess it from' : null);
  if (reason !== null) return secrets.map((column) => ({ column, attempt: failed(reason) }));
  const members = drawPlaced(training, options.attacks, space, context.seed, 'privacy.inference.training');
  const others = drawPlaced(control!, options.attacks, space, context.seed, 'privacy.inference.control');
  const find = (people: PlacedTable) => findNearestWithoutEach(people.rows, released.rows, space.columnCount, context);
  const nearestToMembers = await find(members);
  const nearestToOthers = await find(others);
  const positions = new Map([...space.discreteNames, ...space.numericNames].map((name, c) => [name, c]));
  return secrets.map((column) => {
    const position = positions.get(column);
    if (position === undefined) {
      return { column, attempt: failed(`Column "${column}" holds keys or free text: it is not part of any distance`) };
    }
    const isRight = judge(release, column, options.tolerance);
    const count = (people: PlacedTable, nearest: Int32Array) => {
      let right = 0;
      for (let person = 0; person < people.table.rowCount; person++) {
        if (isRight(people.table, person, nearest[person * space.columnCount + position]!)) right++;
      }
      return right;
    };
    const inside = { attacks: members.table.rowCount, successes: count(members, nearestToMembers) };
    const outside = { attacks: others.table.rowCount, successes: count(others, nearestToOthers) };
    return { column, attempt: { result: countedResult(inside, outside) } };
  });
}

type Judge = (people: WholeTable, person: number, releasedRow: number) => boolean;

function judge({ released, training }: Release, name: string, tolerance: number): Judge {
  const kind = training.table.schema.columns.find((column) => column.name === name)!.kind;
  const text = (table: WholeTable, row: number) => {
    const column = columnNamed(table, name);
    if (column === undefined || !isCoded(column)) return null;
    return column.dictionary[column.codes[row]!] ?? null;
  };
  if (kind === 'categorical') return (people, person, row) => text(people, person) === text(released.table, row);
  const number = (table: WholeTable, row: number) => {
    const column = columnNamed(table, name);
    return column === undefined || isCoded(column) ? Number.NaN : column.values[row]!;
  };
  const isNear = nearness(kind, () => rangeOf(training.table, name), tolerance);
  return (people, person, row) => {
    const guess = number(released.table, row);
    const truth = number(people, person);
    return Number.isNaN(guess) || Number.isNaN(truth)
      ? Number.isNaN(guess) && Number.isNaN(truth)
      : isNear(guess, truth);
  };
}

function nearness(kind: string, range: () => number, tolerance: number): (guess: number, truth: number) => boolean {
  if (kind === 'boolean') return (guess, truth) => guess === truth;
  if (kind !== 'datetime') return (guess, truth) => Math.abs(guess - truth) <= tolerance * Math.abs(guess);
  const allowed = DATE_TOLERANCE * range();
  return (guess, truth) => Math.abs(guess - truth) <= allowed;
}

function rangeOf(table: WholeTable, name: string): number {
  const column = columnNamed(table, name);
  if (column === undefined || isCoded(column)) return 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of column.values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return maximum >= minimum ? maximum - minimum : 0;
}
