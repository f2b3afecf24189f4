import { knownScore, type MetricSubject, type Score, unknownScore } from '../../../core/plugin-api/index.js';
import { type ColumnComparison, TENTHS_COUNT } from './column-comparison.js';
import type { Group } from './draw-groups.js';

/** 1 − ½ Σ |share − share| over the ten-bin table of one to three columns, for each subject. */
export function accuracyOf(
  columns: readonly ColumnComparison[],
  group: Group,
  subjects: readonly MetricSubject[],
): ReadonlyMap<MetricSubject, Score> {
  const members = group.map((index) => columns[index]!);
  const real = countTenths(members.map((column) => column.real.tenths));
  const scores = new Map<MetricSubject, Score>();
  for (const subject of subjects) {
    const sides = members.map((column) => column.subjects.get(subject)!);
    const absent = sides.find((side) => side.role === 'absent');
    if (absent !== undefined) scores.set(subject, unknownScore(absent.reason));
    else scores.set(subject, overlap(real, countTenths(sides.map((side) => (side as { tenths: Uint8Array }).tenths))));
  }
  return scores;
}

interface Counts {
  readonly counts: Int32Array;
  readonly total: number;
}

function countTenths(tenths: readonly Uint8Array[]): Counts {
  const counts = new Int32Array(TENTHS_COUNT ** tenths.length);
  const [first, second, third] = tenths;
  const total = first!.length;
  if (second === undefined) for (let i = 0; i < total; i++) counts[first![i]!]!++;
  else if (third === undefined) for (let i = 0; i < total; i++) counts[first![i]! * TENTHS_COUNT + second[i]!]!++;
  else {
    for (let i = 0; i < total; i++) {
      counts[(first![i]! * TENTHS_COUNT + second[i]!) * TENTHS_COUNT + third[i]!]!++;
    }
  }
  return { counts, total };
}

function overlap(real: Counts, other: Counts): Score {
  if (real.total === 0 || other.total === 0) return unknownScore('There are no rows');
  let distance = 0;
  for (let cell = 0; cell < real.counts.length; cell++) {
    distance += Math.abs(real.counts[cell]! / real.total - other.counts[cell]! / other.total);
  }
  return knownScore(1 - distance / 2);
}
