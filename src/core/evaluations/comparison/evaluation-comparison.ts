import type { MetricDefinition, PrivacySpent } from '../../plugin-api/index.js';

/** Several evaluations side by side. */
export interface EvaluationComparison {
  /** In the order that was asked for. */
  readonly evaluations: readonly ComparedEvaluation[];
  readonly evaluators: readonly ComparedEvaluator[];
  /** What a reader must know before holding one score against another. */
  readonly notes: readonly string[];
}

/** What was evaluated, and what it took to make it. */
export interface ComparedEvaluation {
  readonly id: string;
  readonly createdAt: string;
  readonly generator: {
    readonly id: string;
    readonly type: string;
    readonly name: string | null;
    readonly config: Readonly<Record<string, unknown>>;
    readonly seed: number;
    readonly rowCount: number | null;
  };
  readonly dataset: { readonly id: string; readonly name: string };
  /** Null: the generator claims no differential privacy. */
  readonly privacySpent: PrivacySpent | null;
  /** Of the run that trained the model, its first rows included; null when that was deleted. */
  readonly trainingSeconds: number | null;
}

export interface ComparedEvaluator {
  readonly id: string;
  readonly title: string;
  /** Why no score of this evaluator is called better than another; null where they may be compared. */
  readonly incomparable: string | null;
  /** Of the whole table; headline scores first. */
  readonly scores: readonly ComparedScore[];
}

export interface ComparedScore {
  readonly metric: MetricDefinition;
  /** One for each evaluation, in their order. */
  readonly values: readonly ComparedValue[];
  /**
   * Evaluations than which none is better: several where the intervals meet that of the best, or the values are equal. Empty
   * where there is nothing to choose among.
   */
  readonly best: readonly string[];
}

/** Of the synthetic rows, with the same of both controls. */
export interface ComparedValue {
  readonly evaluationId: string;
  readonly value: number | null;
  /** Why there is no value. */
  readonly reason: string | null;
  /** 95 %; null where the evaluator knows none. */
  readonly interval: readonly [number, number] | null;
  readonly independent: number | null;
  readonly holdout: number | null;
}
