import { knownScore, type Score, unknownScore } from '../../../core/plugin-api/index.js';
import type { AbsentSide, ColumnComparison, ColumnSide } from './column-comparison.js';

/** Total variation complement of the two-valued column "is missing". */
export function missingnessScore({ real }: ColumnComparison, other: ColumnSide | AbsentSide): Score {
  if (other.role === 'absent') return unknownScore(other.reason);
  if (real.rowCount === 0 || other.rowCount === 0) return unknownScore('There are no rows');
  return knownScore(1 - Math.abs(real.missingCount / real.rowCount - other.missingCount / other.rowCount));
}

/** Whether the real or the compared column misses any value: only such columns count towards the average. */
export function missesAny({ real }: ColumnComparison, other: ColumnSide | AbsentSide): boolean {
  return real.missingCount > 0 || (other.role !== 'absent' && other.missingCount > 0);
}
