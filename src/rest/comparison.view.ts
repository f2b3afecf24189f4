import { type EvaluationComparison, FEWEST_COMPARED, MOST_COMPARED } from '../core/evaluations/comparison/index.js';
import { metricView } from './evaluation.view.js';
import { anything, array, integer, nullable, number, object, type Static, string, time } from './json-schema.js';

export const compareBody = object({
  evaluation_ids: array(string(), {
    minItems: FEWEST_COMPARED,
    maxItems: MOST_COMPARED,
    uniqueItems: true,
    description: 'Completed evaluations, each named once.',
  }),
});

const comparedEvaluation = object({
  evaluation_id: string(),
  created_at: time(),
  generator: object({
    id: string(),
    type: string(),
    name: nullable(string()),
    config: anything({ type: 'object', additionalProperties: true }),
    seed: integer(),
    row_count: nullable(integer()),
  }),
  dataset: object({ id: string(), name: string() }),
  privacy: nullable(object({ epsilon: number(), delta: number() })),
  training_seconds: nullable(
    number({ description: 'Of the run that trained the model, its first rows included; null when it was deleted.' }),
  ),
});

const comparedValue = object({
  evaluation_id: string(),
  value: nullable(number()),
  reason: nullable(string({ description: 'Why there is no value.' })),
  interval: nullable(array(number(), { minItems: 2, maxItems: 2, description: '95 %, where the evaluator knows it.' })),
  independent: nullable(number({ description: 'The same score of independent columns.' })),
  holdout: nullable(number({ description: 'The same score of held-out rows.' })),
});

export const comparisonView = object(
  {
    evaluations: array(comparedEvaluation),
    evaluators: array(
      object({
        id: string(),
        title: string(),
        incomparable: nullable(string({ description: 'Why none of its scores is called better than another.' })),
        scores: array(
          object({
            metric: metricView,
            values: array(comparedValue),
            best: array(string(), {
              description: 'Evaluations than which none is better: several where intervals meet or values are equal.',
            }),
          }),
        ),
      }),
    ),
    notes: array(string()),
  },
  {},
  { title: 'EvaluationComparison' },
);

export function toComparison({ evaluations, evaluators, notes }: EvaluationComparison): Static<typeof comparisonView> {
  return {
    evaluations: evaluations.map(({ id, createdAt, generator, dataset, privacySpent, trainingSeconds }) => {
      const { rowCount, ...facts } = generator;
      return {
        evaluation_id: id,
        created_at: createdAt,
        generator: { ...facts, row_count: rowCount },
        dataset,
        privacy: privacySpent,
        training_seconds: trainingSeconds,
      };
    }),
    evaluators: evaluators.map(({ scores, ...evaluator }) => ({
      ...evaluator,
      scores: scores.map(({ metric: { headline = false, ...metric }, values, best }) => ({
        metric: { ...metric, headline },
        values: values.map(({ evaluationId, ...value }) => ({ evaluation_id: evaluationId, ...value })),
        best,
      })),
    })),
    notes,
  };
}
