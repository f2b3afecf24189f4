import { isDeepStrictEqual } from 'node:util';
import type { Evaluation } from '../evaluation.entity.js';
import { type DatasetScore, datasetScores } from '../report/dataset-scores.js';
import type { EvaluationReport } from '../report/index.js';
import { bestValues } from './best-values.js';
import type {
  ComparedEvaluation,
  ComparedEvaluator,
  ComparedScore,
  ComparedValue,
  EvaluationComparison,
} from './evaluation-comparison.js';

/** How an evaluation was made: what must be equal for its scores to be held against another's. */
export type EvaluationSetup = Pick<Evaluation, 'evaluators' | 'targetColumn' | 'sensitiveColumns'>;

export interface Comparand {
  readonly report: EvaluationReport;
  readonly setup: EvaluationSetup;
  readonly trainingSeconds: number | null;
}

export function compareReports(comparands: readonly Comparand[]): EvaluationComparison {
  const [first] = comparands as [Comparand];
  const ids = new Set(comparands.flatMap(({ report }) => report.evaluators.map(({ id }) => id)));
  const otherTable = comparands.some(({ report }) => report.dataset.checksum !== first.report.dataset.checksum);
  return {
    evaluations: comparands.map(describe),
    evaluators: [...ids].map((id) => compareEvaluator(id, comparands, otherTable)),
    notes: notesOn(comparands, otherTable),
  };
}

function describe({ report, trainingSeconds }: Comparand): ComparedEvaluation {
  const { generator, dataset } = report;
  return {
    id: report.evaluation_id,
    createdAt: report.created_at,
    generator: {
      id: generator.id,
      type: generator.type,
      name: generator.name,
      config: generator.config,
      seed: generator.seed,
      rowCount: generator.row_count,
    },
    dataset: { id: dataset.id, name: dataset.name },
    privacySpent: report.privacy.spent,
    trainingSeconds,
  };
}

function compareEvaluator(id: string, comparands: readonly Comparand[], otherTable: boolean): ComparedEvaluator {
  const sections = comparands.map(({ report }) => report.evaluators.find((section) => section.id === id));
  const scores = sections.map((section) => (section === undefined ? [] : datasetScores(section)));
  const incomparable = otherTable ? 'The evaluations are of different tables' : whyUnlike(id, comparands);
  const metrics = new Map(scores.flat().map(({ metric }) => [metric.id, metric]));
  return {
    id,
    title: sections.find((section) => section !== undefined)!.title,
    incomparable,
    scores: [...metrics.values()].map((metric): ComparedScore => {
      const values = comparands.map(({ report }, i) =>
        valueOf(
          report.evaluation_id,
          scores[i]!.find((score) => score.metric.id === metric.id),
        ),
      );
      return { metric, values, best: incomparable === null ? bestValues(metric, values) : [] };
    }),
  };
}

/** An evaluator that only some ran is no obstacle: the others have no values. */
function whyUnlike(id: string, comparands: readonly Comparand[]): string | null {
  const setups = comparands.flatMap(({ setup }) => {
    const chosen = setup.evaluators.find((evaluator) => evaluator.id === id);
    return chosen === undefined ? [] : [{ ...setup, evaluators: [chosen] }];
  });
  const differ = (part: (setup: EvaluationSetup) => unknown) =>
    setups.some((setup) => !isDeepStrictEqual(part(setup), part(setups[0]!)));
  if (differ(({ evaluators }) => evaluators[0]!.config)) return 'The evaluator was configured differently';
  if (differ(({ targetColumn }) => targetColumn)) return 'The target columns differ';
  if (differ(({ sensitiveColumns }) => sensitiveColumns.toSorted())) return 'The sensitive columns differ';
  return null;
}

function valueOf(evaluationId: string, score: DatasetScore | undefined): ComparedValue {
  const synthetic = score?.bySubject.synthetic;
  const value = synthetic?.value ?? null;
  return {
    evaluationId,
    value,
    reason: value === null ? (synthetic?.reason ?? 'Not part of this evaluation') : null,
    interval: synthetic?.interval ?? null,
    independent: score?.bySubject.independent?.value ?? null,
    holdout: score?.bySubject.holdout?.value ?? null,
  };
}

function notesOn(comparands: readonly Comparand[], otherTable: boolean): string[] {
  const notes = [
    'A score with an interval is best where no other reaches into it; scores without one may differ by chance alone.',
  ];
  if (otherTable) notes.unshift('The evaluations are of different tables: no score is called better than another.');
  const rows = new Set(comparands.map(({ report }) => report.generator.row_count));
  if (rows.size > 1) notes.push('The generators made different numbers of rows, which some scores depend on.');
  const seeds = new Set(comparands.map(({ report }) => report.generator.seed));
  if (seeds.size > 1 && comparands.some(({ report }) => report.dataset.holdout_fraction > 0)) {
    notes.push('The models were trained with different seeds, so that different rows were held out of training.');
  }
  return notes;
}
