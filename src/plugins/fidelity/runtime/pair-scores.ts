import { knownScore, type MetricSubject, type Score, unknownScore } from '../../../core/plugin-api/index.js';
import { type AbsentSide, type ColumnComparison, type ColumnSide, OWN_BIN_COUNT } from './column-comparison.js';
import { correlation } from './correlation.js';
import { countJointly, type JointCounts } from './joint-counts.js';

export interface SubjectPairScores {
  /** Numbers cut at the real column's edges. */
  readonly trend: Score;
  /** Numbers cut at each table's own edges, as SDMetrics does. */
  readonly compatibleTrend: Score;
  /** Correlation of two numbers, Cramér's V of all other pairs. */
  readonly association: Score;
}

export interface PairScores {
  readonly columns: readonly [ColumnComparison, ColumnComparison];
  readonly realAssociation: Score;
  /** SDMetrics' rule since 0.27 counts the pair. */
  readonly strong: boolean;
  readonly subjects: ReadonlyMap<MetricSubject, SubjectPairScores>;
}

export interface StrongThresholds {
  readonly correlation: number;
  readonly association: number;
}

export function scorePair(
  first: ColumnComparison,
  second: ColumnComparison,
  subjects: readonly MetricSubject[],
  thresholds: StrongThresholds,
): PairScores {
  const measure =
    first.role === 'number' && second.role === 'number'
      ? new CorrelatedPair(first, second, thresholds.correlation)
      : new TabulatedPair(first, second, thresholds.association);
  const scores = new Map<MetricSubject, SubjectPairScores>();
  for (const subject of subjects) {
    const sides = [first.subjects.get(subject)!, second.subjects.get(subject)!] as const;
    scores.set(subject, scoreSides(measure, sides));
  }
  const { realAssociation, strong } = measure;
  return { columns: [first, second], realAssociation, strong, subjects: scores };
}

interface PairMeasure {
  readonly realAssociation: Score;
  readonly strong: boolean;
  score(first: ColumnSide, second: ColumnSide): SubjectPairScores;
}

function scoreSides(
  measure: PairMeasure,
  [first, second]: readonly [ColumnSide | AbsentSide, ColumnSide | AbsentSide],
): SubjectPairScores {
  const absent = first.role === 'absent' ? first : second.role === 'absent' ? second : null;
  if (absent !== null) return sameForAll(unknownScore(absent.reason));
  return measure.score(first as ColumnSide, second as ColumnSide);
}

function sameForAll(score: Score): SubjectPairScores {
  return { trend: score, compatibleTrend: score, association: score };
}

class CorrelatedPair implements PairMeasure {
  readonly realAssociation: Score;
  readonly strong: boolean;

  constructor(first: ColumnComparison, second: ColumnComparison, threshold: number) {
    this.realAssociation = correlation(valuesOf(first.real), valuesOf(second.real));
    this.strong = this.realAssociation.value !== null && Math.abs(this.realAssociation.value) > threshold;
  }

  score(first: ColumnSide, second: ColumnSide): SubjectPairScores {
    const association = correlation(valuesOf(first), valuesOf(second));
    if (this.realAssociation.value === null) {
      const trend = unknownScore(`In the real rows: ${this.realAssociation.reason}`);
      return { trend, compatibleTrend: trend, association };
    }
    if (association.value === null) return sameForAll(association);
    const trend = knownScore(1 - Math.abs(this.realAssociation.value - association.value) / 2);
    return { trend, compatibleTrend: trend, association };
  }
}

/** A pair with a column of labels: tables of counts, where a missing value is a label of its own. */
class TabulatedPair implements PairMeasure {
  readonly realAssociation: Score;
  readonly strong: boolean;
  readonly #real: JointCounts;
  readonly #realOwn: JointCounts;
  readonly #mixed: boolean;
  readonly #count: (first: ColumnSide, second: ColumnSide) => JointCounts;
  readonly #countOwn: (first: ColumnSide, second: ColumnSide) => JointCounts;

  constructor(first: ColumnComparison, second: ColumnComparison, threshold: number) {
    const rows = first.real.rowCount;
    const codeCounts = [first.codeCount, second.codeCount] as const;
    const ownCounts = [ownCodeCount(first), ownCodeCount(second)] as const;
    this.#count = (one, two) => countJointly(one.codes, two.codes, codeCounts, rows);
    this.#countOwn = (one, two) => countJointly(ownCodes(one), ownCodes(two), ownCounts, rows);
    this.#mixed = first.role !== second.role;
    this.#real = this.#count(first.real, second.real);
    this.#realOwn = this.#mixed ? this.#countOwn(first.real, second.real) : this.#real;
    this.realAssociation = associationOf(this.#real);
    const own = this.#mixed ? this.#realOwn.cramersV() : this.realAssociation.value;
    this.strong = own !== null && own > threshold;
  }

  score(first: ColumnSide, second: ColumnSide): SubjectPairScores {
    const counts = this.#count(first, second);
    const trend = overlapOf(this.#real, counts);
    const compatibleTrend = this.#mixed ? overlapOf(this.#realOwn, this.#countOwn(first, second)) : trend;
    return { trend, compatibleTrend, association: associationOf(counts) };
  }
}

function overlapOf(real: JointCounts, other: JointCounts): Score {
  return real.total === 0 || other.total === 0 ? unknownScore('There are no rows') : knownScore(real.overlap(other));
}

function associationOf(counts: JointCounts): Score {
  const value = counts.cramersV();
  return value === null ? unknownScore('A column has a single value: association is undefined') : knownScore(value);
}

function valuesOf(side: ColumnSide): Float64Array {
  if (side.role !== 'number') throw new TypeError('A column of labels has no numbers');
  return side.values;
}

function ownCodes(side: ColumnSide): ColumnSide['codes'] {
  return side.role === 'number' ? side.ownBins : side.codes;
}

function ownCodeCount(column: ColumnComparison): number {
  return column.role === 'number' ? OWN_BIN_COUNT : column.codeCount;
}
