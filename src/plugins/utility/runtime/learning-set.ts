import {
  drawRows,
  type FeatureEncoder,
  type FeatureTable,
  takeTableRows,
  type WholeTable,
} from '../../../core/plugin-api/index.js';
import { type Target, targetValues } from './target.js';

/** Features and target of the rows that have one. */
export interface LearningSet {
  readonly features: FeatureTable;
  readonly target: Float64Array;
}

/** At most so many rows, of those where the target is known, drawn by the seed. */
export function learningSet(
  table: WholeTable,
  target: Target,
  encoder: FeatureEncoder,
  maximumRows: number,
  seed: number,
): LearningSet {
  const values = targetValues(table, target);
  const known = Uint32Array.from({ length: table.rowCount }, (_, row) => row).filter(
    (row) => !Number.isNaN(values[row]!),
  );
  const rows = drawRows(known.length, maximumRows, seed, `utility.rows.${target.name}`).map((i) => known[i]!);
  return {
    features: encoder.encode(takeTableRows(table, rows)),
    target: Float64Array.from(rows, (row) => values[row]!),
  };
}
