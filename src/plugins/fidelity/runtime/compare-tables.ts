import type { MetricSubject, RunContext, Score } from '../../../core/plugin-api/index.js';
import type { FidelityConfig } from '../config.js';
import { accuracyOf } from './accuracy.js';
import { type ColumnComparison, compareColumn } from './column-comparison.js';
import { drawGroups } from './draw-groups.js';
import { type PairScores, scorePair } from './pair-scores.js';
import type { StoredTable } from './stored-table.js';

/** Tells how far an evaluation is, and lets a cancel in: one step is a column, a pair or a triple. */
export class Steps {
  #completed = 0;

  constructor(
    private readonly context: Pick<RunContext, 'tick' | 'report'>,
    private readonly total: number,
  ) {}

  async next(): Promise<void> {
    this.#completed++;
    this.context.report({ phase: 'evaluate', completed: Math.min(this.#completed, this.total), total: this.total });
    await this.context.tick();
  }
}

export async function compareColumns(
  real: StoredTable,
  subjects: ReadonlyMap<MetricSubject, StoredTable>,
  steps: Steps,
): Promise<ColumnComparison[]> {
  const comparisons: ColumnComparison[] = [];
  for (let index = 0; index < real.columns.length; index++) {
    const comparison = compareColumn(real, index, subjects);
    if (comparison !== null) comparisons.push(comparison);
    await steps.next();
  }
  return comparisons;
}

export interface PairComparisons {
  readonly pairs: readonly PairScores[];
  /** Pairs that there are, of which the seed drew `pairs.length`. */
  readonly total: number;
}

export async function comparePairs(
  columns: readonly ColumnComparison[],
  subjects: readonly MetricSubject[],
  config: FidelityConfig,
  seed: number,
  steps: Steps,
): Promise<PairComparisons> {
  const { groups, total } = drawGroups(columns.length, 2, config.maximum_pairs, seed);
  const thresholds = { correlation: config.strong_correlation, association: config.strong_association };
  const pairs: PairScores[] = [];
  for (const [first, second] of groups) {
    pairs.push(scorePair(columns[first!]!, columns[second!]!, subjects, thresholds));
    await steps.next();
  }
  return { pairs, total };
}

export interface AccuracyComparison {
  readonly scores: ReadonlyMap<MetricSubject, readonly Score[]>;
  readonly compared: number;
  readonly total: number;
}

/** Ten-bin accuracies of all groups of so many columns, or of those that the seed draws. */
export async function compareAccuracy(
  columns: readonly ColumnComparison[],
  ways: 1 | 2 | 3,
  subjects: readonly MetricSubject[],
  config: FidelityConfig,
  seed: number,
  steps: Steps,
): Promise<AccuracyComparison> {
  const limit = ways === 2 ? config.maximum_pairs : config.maximum_triples;
  const { groups, total } =
    ways === 1
      ? { groups: columns.map((_, index) => [index]), total: columns.length }
      : drawGroups(columns.length, ways, limit, seed);
  const scores = new Map<MetricSubject, Score[]>(subjects.map((subject) => [subject, []]));
  for (const group of groups) {
    for (const [subject, score] of accuracyOf(columns, group, subjects)) scores.get(subject)!.push(score);
    await steps.next();
  }
  return { scores, compared: groups.length, total };
}
