import { columnNamed, type WholeTable } from '../../../core/plugin-api/index.js';
import { countValues, type Target, targetOf } from './target.js';

export interface ChosenTargets {
  readonly targets: readonly Target[];
  /** Why there are none. */
  readonly reason: string;
  readonly note: string | null;
}

/** A class or a value that nearly all rows have makes a dull target. */
const MOST_COMMON_AT_MOST = 0.95;
/** The second class must have so many rows to be learned. */
const LEAST_ROWS_OF_A_CLASS = 10;

/** The named column; else the last ones fit to be predicted, classes and numbers by turns: tables tend to end with outcomes. */
export function chooseTargets(
  training: WholeTable,
  named: string | null,
  maximumTargets: number,
  maximumClasses: number,
): ChosenTargets {
  if (named !== null) {
    const target = targetOf(training, named, maximumClasses);
    if (typeof target === 'string') return { targets: [], reason: target, note: null };
    return { targets: [target], reason: '', note: null };
  }
  const fit = training.schema.columns
    .map(({ name }) => targetOf(training, name, maximumClasses))
    .filter((target): target is Target => typeof target !== 'string' && isFit(training, target))
    .toReversed();
  const classes = fit.filter(({ task }) => task === 'classes');
  const numbers = fit.filter(({ task }) => task === 'number');
  const turns = fit.flatMap((_, i) => [classes[i], numbers[i]]).filter((target) => target !== undefined);
  const targets = turns.slice(0, maximumTargets);
  const names = targets.map(({ name }) => `"${name}"`).join(', ');
  return {
    targets,
    reason: 'No column has values that are fit to be predicted',
    note:
      targets.length === 0
        ? null
        : `No target column was named: ${names} ${targets.length === 1 ? 'is' : 'are'} predicted, the last of classes and of numbers.`,
  };
}

function isFit(training: WholeTable, target: Target): boolean {
  const counts = [...countValues(columnNamed(training, target.name)!).values()].toSorted((a, b) => b - a);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts[0]! > MOST_COMMON_AT_MOST * total) return false;
  return target.task === 'number' || counts[1]! >= LEAST_ROWS_OF_A_CLASS;
}
