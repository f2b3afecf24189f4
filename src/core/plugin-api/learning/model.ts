import type { RunContext } from '../run-context.js';
import type { FeatureTable } from './features.js';

export interface Classifier {
  readonly classCount: number;
  /** Row by row: the probabilities of a row's classes lie side by side. Rows may hold categories never trained on. */
  probabilities(table: FeatureTable): Float64Array;
}

export interface Regressor {
  predict(table: FeatureTable): Float64Array;
}

/** What a fit needs of the run: a seed, and the chance to be cancelled at each step. */
export type LearningContext = Pick<RunContext, 'seed' | 'tick'>;

/** Throws a RangeError that names what is wrong with the rows to learn from. */
export function checkRows(table: FeatureTable, target: ArrayLike<number>): void {
  if (target.length !== table.rowCount) {
    throw new RangeError(`There are ${table.rowCount} rows and ${target.length} target values`);
  }
  if (table.rowCount === 0) throw new RangeError('There are no rows to learn from');
  for (let row = 0; row < target.length; row++) {
    if (!Number.isFinite(target[row]!)) throw new RangeError(`The target of row ${row} is not a finite number`);
  }
}

/** The same for class labels 0 … `classCount` − 1. */
export function checkLabels(table: FeatureTable, labels: Int32Array, classCount: number): void {
  checkRows(table, labels);
  if (!(Number.isInteger(classCount) && classCount >= 1)) throw new RangeError(`There cannot be ${classCount} classes`);
  const wrong = labels.findIndex((label) => label < 0 || label >= classCount);
  if (wrong >= 0) throw new RangeError(`The label of row ${wrong} is ${labels[wrong]}, outside 0 to ${classCount - 1}`);
}
